import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bundleOf, documentIn, type Files, filesIn, landedChange, manifestIn } from '../support/bundles.ts';
import { MR_URL, makeBank } from '../support/merge-request.ts';
import { makeRepo, repoAt, type TestRepo } from '../support/repo.ts';
import { schemaProblems } from '../support/schema.ts';
import { cloneOf, toldRepo, work } from '../support/sealed-texts.ts';

async function agentRepo(): Promise<TestRepo> {
  const repo = await makeRepo();
  onTestFinished(() => repo.remove());
  await repo.run(['init', '--agents', 'none']);
  return repo;
}

async function folder(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'agent-log-bundle-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return root;
}

/** Every byte somebody finds in a bundle: its files, and the objects in its pack. */
async function everything(files: Files): Promise<string> {
  const root = await folder();
  const repo = repoAt(root, root);
  await repo.git('init', '-q', '--bare', '.');
  const pack = files.get('proof.pack');
  if (pack !== undefined) await repo.exec('git', ['unpack-objects', '-q'], { input: pack });
  const objects = (
    await repo.git('cat-file', '--batch-all-objects', '--batch-check=%(objectname) %(objecttype)')
  ).split('\n');
  const contents = await Promise.all(
    objects
      .filter((line) => line.endsWith(' blob') || line.endsWith(' commit'))
      .map((line) => repo.git('cat-file', '-p', line.split(' ')[0] ?? '')),
  );
  return [...[...files.values()].map((bytes) => bytes.toString('latin1')), ...contents].join('\n');
}

function expectSound(files: Files): void {
  expect(schemaProblems(manifestIn(files))).toEqual([]);
  expect(schemaProblems(documentIn(files))).toEqual([]);
  const texts = files.get('texts.json');
  if (texts !== undefined) expect(schemaProblems(JSON.parse(texts.toString()))).toEqual([]);
  const listed = manifestIn(files).files.map(({ path }) => path);
  const apart = ['manifest.json', 'manifest.json.sig', 'SHA256SUMS'];
  expect([...files.keys()].filter((path) => !apart.includes(path)).sort()).toEqual(listed);
}

describe('evidence', () => {
  it('of a merge request, a commit, a transaction, a range and the last: what each came to', async () => {
    const bank = await makeBank();
    const { head, txn } = await landedChange(bank);
    const { repo } = bank.john;
    const ways: readonly [readonly string[], string][] = [
      [[MR_URL], 'mr'],
      [['--mr', MR_URL], 'mr'],
      [[head], 'commit'],
      [[txn], 'txn'],
      [[txn.slice(0, 12).toLowerCase()], 'txn'],
      [[`${head}~1..${head}`], 'range'],
      [['--last'], 'last'],
      [['--last', '--class', 'iac,dependency-manifest'], 'last'],
    ];
    for (const [args, kind] of ways) {
      const files = await bundleOf(repo, args);
      expectSound(files);
      const { question, commits, txns } = manifestIn(files);
      expect([question.kind, commits, txns], args.join(' ')).toEqual([kind, [head], [txn]]);
      const { decisions, approvals, rollbacks } = documentIn(files);
      expect(new Set(decisions.map(({ basis, signedBy }) => `${basis} ${signedBy}`))).toEqual(
        new Set(['evaluated merge pipeline']),
      );
      expect(approvals.map(({ basis, signedBy }) => [basis, signedBy?.email])).toEqual([
        ['attested', 'john@example.com'],
        ['attested', 'olga@example.com'],
      ]);
      expect(rollbacks[0]?.plan?.verdict).toBe('clean');
    }
    const files = await bundleOf(repo, ['--last', '--class', 'dependency-manifest']);
    expect(manifestIn(files).question).toEqual({
      kind: 'last',
      name: MR_URL,
      classes: ['dependency-manifest'],
    });
    const none = await repo.run(['evidence', '--last', '--class', 'iac', '-o', join(repo.home, 'none.zip')]);
    expect([none.code, none.stderr]).toEqual([
      1,
      expect.stringContaining("no agent's work that touched iac is known here"),
    ]);
    const printed = await repo.run(['evidence', MR_URL, '--json']);
    expect(schemaProblems(JSON.parse(printed.stdout))).toEqual([]);
  });

  it('of the last is, where no merge request was told of, the newest transaction that landed', async () => {
    const repo = await agentRepo();
    const bump = await work(repo, 'Bump a dependency', 'package.json');
    const landed = await work(repo, 'Say hello', 'hello.txt');
    await repo.git('checkout', '-q', '-b', 'topic');
    await work(repo, 'Never to land', 'go.mod');
    const txnsOf = async (...args: string[]): Promise<readonly string[]> =>
      manifestIn(await bundleOf(repo, ['--last', ...args])).txns;
    expect(await txnsOf()).toEqual([landed]);
    expect(await txnsOf('--class', 'dependency-manifest')).toEqual([bump]);
  });

  it('is the same as a folder and as a zip, for its owner alone; made again, only the time is another', async () => {
    const repo = await agentRepo();
    await work(repo, 'Say hello');
    const zip = await bundleOf(repo, ['HEAD']);
    const path = 'as-folder';
    const plain = await bundleOf(repo, ['HEAD'], path);
    expect([...plain.keys()].sort()).toEqual([...zip.keys()]);
    const timed = ['README.md', 'index.html', 'manifest.json', 'evidence.json', 'SHA256SUMS'];
    for (const [name, bytes] of zip)
      if (!timed.includes(name)) expect(plain.get(name)?.equals(bytes), name).toBe(true);
    const withoutTime = (files: Files): unknown => ({
      ...manifestIn(files),
      madeAt: '',
      files: manifestIn(files).files.filter((file) => !timed.includes(file.path)),
    });
    expect(withoutTime(plain)).toEqual(withoutTime(zip));
    const at = join(repo.dir, '..', path);
    for (const name of ['.', ...(await readdir(at, { recursive: true }))]) {
      const { mode } = await stat(join(at, name));
      expect((mode & 0o777).toString(8), name).toMatch(/^[67]00$/);
    }
  });

  it('writes over nothing, and leaves nothing where it can not write', async () => {
    const repo = await agentRepo();
    await work(repo, 'Say hello');
    const root = await folder();
    await writeFile(join(root, 'file'), 'mine');
    await mkdir(join(root, 'empty'));
    await mkdir(join(root, 'full'));
    await writeFile(join(root, 'full', 'file'), 'mine');
    const at = (path: string): Promise<{ code: number; stderr: string }> =>
      repo.run(['evidence', 'HEAD', '-o', join(root, path)]);
    expect((await at('full')).code).toBe(2);
    expect((await at('file')).code).toBe(2);
    expect((await at('empty')).code).toBe(0);
    for (const path of ['nowhere/bundle.zip', 'file/bundle', 'nowhere/bundle']) {
      const refused = await at(path);
      expect(refused.code, path).toBe(128);
      expect(refused.stderr).toContain("can't be written");
    }
    expect((await readdir(root)).sort()).toEqual(['empty', 'file', 'full']);
    expect((await filesIn(join(root, 'full'))).get('file')?.toString()).toBe('mine');
  });

  it('tells what it can not do: nothing named, two things, no place, a class alone, no key', async () => {
    const repo = await agentRepo();
    const wrong = [
      [],
      ['HEAD', '--last', '-o', 'x.zip'],
      ['HEAD'],
      ['HEAD', '--class', 'iac', '-o', 'x.zip'],
      ['--last', '--class', 'none', '-o', 'x.zip'],
    ];
    for (const args of wrong) expect((await repo.run(['evidence', ...args])).code, args.join(' ')).toBe(2);
    expect((await repo.run(['evidence', 'nothing', '-o', 'x.zip'])).code).toBe(1);
    const unsigned = await repo.run(['evidence', 'HEAD', '--sign', '-o', 'x.zip']);
    expect([unsigned.code, unsigned.stderr]).toEqual([2, expect.stringContaining('no ssh key to sign with')]);
    expect(await readdir(repo.dir)).not.toContain('x.zip');
  });

  it('of a repository without a ledger says that there is none', async () => {
    const repo = await makeRepo();
    onTestFinished(() => repo.remove());
    const files = await bundleOf(repo, ['HEAD']);
    expectSound(files);
    const { missing, ledger, txns } = manifestIn(files);
    expect([ledger.tip, txns]).toEqual([null, []]);
    expect(missing.map(({ kind, of }) => [kind, of])).toEqual([
      ['record', 'refs/notes/agent-log'],
      ['policy', '.agent-log/policy.yaml'],
      ['policy', '.agent-log/sponsors.yaml'],
      ['record', manifestIn(files).commits[0]],
    ]);
  });

  it('names an agent’s commit without a record, and the exception that was opened for it', async () => {
    const repo = await agentRepo();
    await repo.commit('Work\n\nCo-authored-by: Claude <noreply@anthropic.com>', { 'a.txt': 'a\n' });
    await repo.run(['scan', '--open-exceptions']);
    const files = await bundleOf(repo, ['HEAD']);
    const gap = manifestIn(files).missing.find(
      ({ kind, of }) => kind === 'record' && of === manifestIn(files).commits[0],
    );
    expect(gap?.why).toContain('an agent made it (co-author');
    expect(gap?.exception).toMatch(/^[0-9a-f]{64}$/);
  });

  it('in a shallow clone says where history ends', async () => {
    const told = await toldRepo('Say hello');
    onTestFinished(told.remove);
    const dir = join(told.repo.home, 'shallow');
    await told.repo.exec('git', ['clone', '-q', '--depth', '1', `file://${told.remote}`, dir]);
    const clone = repoAt(dir, told.repo.home);
    await clone.run(['sync', '--fetch']);
    const files = await bundleOf(clone, ['HEAD', '--with-history']);
    expectSound(files);
    const kinds = manifestIn(files)
      .missing.filter(({ kind }) => kind === 'history')
      .map(({ of }) => of);
    expect(kinds).toEqual([manifestIn(files).commits[0], 'history.bundle']);
  });

  it('holds texts the maker may read with what their digests need, and none with --no-texts', async () => {
    const repo = await agentRepo();
    await work(repo, 'A task that only we know of');
    const files = await bundleOf(repo, ['HEAD']);
    expectSound(files);
    const { texts } = JSON.parse(files.get('texts.json')?.toString() ?? '') as {
      texts: { digest: string; salt: string; text: string }[];
    };
    expect(texts.map(({ text }) => text)).toContain('A task that only we know of');
    const { textDigest } = await import('../../lib/core/digest.ts');
    for (const { digest, salt, text } of texts)
      expect(textDigest(Buffer.from(salt, 'base64'), text)).toBe(digest);
    const without = await bundleOf(repo, ['HEAD', '--no-texts']);
    expect(await everything(without)).not.toContain('only we know of');
    expect(
      manifestIn(without)
        .missing.map(({ why }) => why)
        .join(),
    ).toContain('--no-texts');
    const said = await repo.run(['evidence', 'HEAD', '-o', join(repo.home, 'said.zip')]);
    expect(said.stdout).toMatch(/texts +2 texts IN CLEAR/);
  });

  it('says which texts are erased, and which nobody here can open', async () => {
    const told = await toldRepo('A secret task');
    onTestFinished(told.remove);
    const clone = await cloneOf(told, 'john');
    const closed = await bundleOf(clone, ['HEAD']);
    expect(await everything(closed)).not.toContain('A secret task');
    expect(
      manifestIn(closed).missing.some(
        ({ kind, why }) => kind === 'text' && /no private key|not in this clone/.test(why),
      ),
    ).toBe(true);
    const erased = await told.repo.run(['erase', told.txn, '--reason', 'asked for']);
    expect(erased.code, erased.stderr).toBe(0);
    const after = await bundleOf(told.repo, ['HEAD']);
    expect(await everything(after)).not.toContain('A secret task');
    expect(manifestIn(after).missing.some(({ kind, why }) => kind === 'text' && why.includes('erased'))).toBe(
      true,
    );
    expect(documentIn(after).changes[0]?.erased?.reason).toBe('asked for');
  });

  it('with --with-history holds a bundle that git clones, ledger and all', async () => {
    const repo = await agentRepo();
    await work(repo, 'Say hello');
    const files = await bundleOf(repo, ['HEAD', '--with-history']);
    const root = await folder();
    await writeFile(join(root, 'history.bundle'), files.get('history.bundle') ?? '');
    const clone = repoAt(root, root);
    await clone.git('clone', '-q', '--mirror', 'history.bundle', 'clone.git');
    const refs = await clone.git('-C', 'clone.git', 'for-each-ref', '--format=%(refname)');
    expect(refs.split('\n')).toEqual(['refs/agent-log/head', 'refs/heads/main', 'refs/notes/agent-log']);
  });

  it('attack: no byte of another transaction is in any file or object, also where one note holds both', async () => {
    const repo = await agentRepo();
    await repo.git('checkout', '-q', '-b', 'topic');
    const one = await work(repo, 'Task of the first', 'one.txt');
    const other = await work(repo, 'Task of the other', 'other.txt');
    await repo.git('checkout', '-q', 'main');
    await repo.git('merge', '-q', '--squash', 'topic');
    await repo.git('commit', '-q', '--no-edit');
    await repo.run(['relink']);
    const alone = await bundleOf(repo, [one]);
    expectSound(alone);
    const shared = manifestIn(alone).objects.filter(({ isWhole }) => !isWhole);
    expect(shared.length).toBeGreaterThan(0);
    const text = await everything(alone);
    expect(text).toContain('Task of the first');
    expect(text).not.toContain('Task of the other');
    const lines = (await repo.run(['show', other, '--raw'])).stdout
      .split('\n')
      .filter((line) => line.includes(`"txn":"${other}"`));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(text.includes(line)).toBe(false);
  });

  it('attack: names and texts from outside reach no command and end no table of the README', async () => {
    const repo = await agentRepo();
    const name = 'we`ird$(touch${IFS}pwned)|x';
    await repo.git('checkout', '-q', '-b', name);
    await work(repo, '```\n$(touch pwned)\n<script>alert(1)</script> \u202Ereversed\u0007');
    const files = await bundleOf(repo, [`main..${name}`]);
    expectSound(files);
    const readme = files.get('README.md')?.toString() ?? '';
    const blocks = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');
    expect(blocks.join('')).not.toContain('touch');
    expect(readme).not.toMatch(/[\u202E\u0007]/);
    expect(
      readme
        .split('\n')
        .find((line) => line.includes('Question'))
        ?.split('|'),
    ).toHaveLength(4);
  });
});
