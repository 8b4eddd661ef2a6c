import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { deflateSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { filesOf, writeLedger } from '../support/ledgers.ts';
import { recorded, repoForTest } from '../support/recorded.ts';
import { type RepoOptions, repoAt, type TestRepo } from '../support/repo.ts';
import { schemaProblems } from '../support/schema.ts';

interface Replayed {
  readonly replays: readonly {
    readonly commit: string;
    readonly verdict: string;
    readonly binding: string;
    readonly sealed: boolean;
    readonly record: string | null;
    readonly classes: readonly string[];
    readonly differences: readonly {
      readonly path: string;
      readonly expected: string | null;
      readonly found: string | null;
    }[];
    readonly missing: readonly { readonly kind: string; readonly id: string }[];
    readonly problems: readonly string[];
  }[];
  readonly recorded: number;
  readonly summary: Readonly<Record<string, number>>;
}

/** A repository whose commits are recorded, as work of a transaction that is open. */
async function working(options: RepoOptions = {}): Promise<TestRepo> {
  const repo = await recorded(options);
  await repo.run(['begin', '--task', 'Work', '--agent', 'test-agent']);
  return repo;
}

async function replay(repo: TestRepo, ...args: string[]): Promise<Replayed & { readonly code: number }> {
  const { stdout, stderr, code } = await repo.run(['replay', '--mode', 'verify', '--json', ...args]);
  if (stdout === '') throw new Error(`replay exited with ${code}: ${stderr}`);
  const document = JSON.parse(stdout) as Replayed;
  expect(schemaProblems(document)).toEqual([]);
  return { ...document, code };
}

async function verdict(repo: TestRepo, ...args: string[]): Promise<[string, string, number]> {
  const { replays, code } = await replay(repo, ...args);
  return [replays[0]?.verdict ?? '', replays[0]?.binding ?? '', code];
}

/** Puts other text into the note of HEAD, as somebody with git alone could. */
async function tamper(repo: TestRepo, change: (note: string) => string): Promise<void> {
  // The next command binds what the hooks left: from then on it is in the ledger alone.
  await repo.run(['list']);
  const files = await filesOf(repo, 'refs/notes/agent-log');
  const head = await repo.git('rev-parse', 'HEAD');
  const changed = [...files].map(([path, text]): [string, string] => [
    path,
    path.replaceAll('/', '') === head ? change(text) : text,
  ]);
  await writeLedger(repo, 'refs/notes/agent-log', Object.fromEntries(changed));
}

describe.each(['sha1', 'sha256'] as const)('what git made in a %s repository', (objectFormat) => {
  it('is identical: files changed, deleted, renamed, made executable, linked, and a submodule', async () => {
    const repo = await working({ objectFormat });
    await repo.commit('Many', { 'd/e/a': 'a\n', 'd/b': 'b\n', 'spaced name': 'c\n' });
    await repo.git('mv', 'd/b', 'moved');
    await repo.git('rm', '-q', 'd/e/a');
    await chmod(repo.path('spaced name'), 0o755);
    await symlink('moved', repo.path('link'));
    await repo.commit('Renamed, deleted, linked', { 'd/w\u00e9ird': 'd\n' });
    const head = await repo.git('rev-parse', 'HEAD');
    await repo.git('update-index', '--add', '--cacheinfo', `160000,${head},module`);
    await repo.git('commit', '-q', '-m', 'A submodule');
    await repo.git('rm', '-q', '-r', 'link');
    await repo.commit('A folder where a link was', { 'link/a': 'a\n' });
    const { replays, recorded: written, code, summary } = await replay(repo, 'HEAD~4..HEAD');
    expect(replays.map((one) => [one.verdict, one.problems])).toEqual(
      Array.from({ length: 4 }, () => ['identical', []]),
    );
    expect([code, written, summary['identical']]).toEqual([0, 4, 4]);
  });
});

describe('replay --mode verify', () => {
  it('records an outcome once, and show tells of it', async () => {
    const repo = await working();
    await repo.commit('Work', { a: 'a\n' });
    expect((await replay(repo, '--dry-run')).recorded).toBe(0);
    expect((await replay(repo)).recorded).toBe(1);
    const tip = await repo.git('rev-parse', 'refs/notes/agent-log');
    expect((await replay(repo)).recorded).toBe(0);
    expect(await repo.git('rev-parse', 'refs/notes/agent-log')).toBe(tip);
    const shown = JSON.parse((await repo.run(['show', '--json'])).stdout) as { replays: object[] };
    expect(schemaProblems(shown)).toEqual([]);
    expect(shown.replays).toMatchObject([
      { mode: 'verify', verdict: 'identical', binding: 'exact', sealed: true },
    ]);
    expect((await repo.run(['show'])).stdout).toMatch(/replayed +verify: identical/);
    expect((await repo.run(['show'])).code).toBe(0);
  });

  it('skips a commit without a record, and writes nothing about it', async () => {
    const repo = await repoForTest();
    expect(await verdict(repo)).toEqual(['skipped', 'none', 1]);
    expect((await repo.tryGit(['rev-parse', '--verify', '-q', 'refs/notes/agent-log'])).code).toBe(1);
    await repo.commit('More', { a: 'a\n' });
    expect(await verdict(repo, 'HEAD~1..HEAD')).toEqual(['skipped', 'none', 0]);
  });

  it('takes a transaction, and tells the riskiest first of some classes', async () => {
    const repo = await working();
    await repo.commit('Infrastructure', { 'main.tf': 'a\n' });
    await repo.commit('Code', { 'a.js': 'a\n' });
    await repo.commit('Dependencies', { 'package.json': '{}\n' });
    const txn = (JSON.parse((await repo.run(['show', '--json'])).stdout) as { txn: string }).txn;
    expect((await replay(repo, txn.slice(0, 12).toLowerCase())).replays).toHaveLength(3);
    await repo.run(['end']);
    await repo.commit('By hand', { 'other.tf': 'a\n' });
    const { replays } = await replay(repo, '--class', 'iac,dependency-manifest', 'HEAD~4..HEAD');
    expect(replays.map(({ classes }) => classes)).toEqual([['dependency-manifest'], ['iac']]);
  });

  it('wants to be told a mode, and how an agent is started', async () => {
    const repo = await repoForTest();
    const { code, stderr } = await repo.run(['replay', '--mode', 'rerun']);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/nothing says how the agent is started\nhint: Give --runner/),
    ]);
    expect((await repo.run(['replay'])).code).toBe(2);
    expect((await repo.run(['replay', '--mode', 'verify', '--class', 'none'])).code).toBe(2);
    expect((await repo.run(['replay', '--mode', 'verify', 'nothing'])).code).toBe(1);
  });
});

/** Puts all objects of a repository where another one would have them, and names that place as an alternate. */
async function lend(repo: TestRepo, alternate: (folder: string) => string): Promise<void> {
  const [objects, lent] = [repo.path('.git', 'objects'), repo.path('.git', 'lent', 'objects')];
  await mkdir(repo.path('.git', 'lent'));
  await rename(objects, lent);
  await mkdir(repo.path('.git', 'objects', 'info'), { recursive: true });
  await mkdir(repo.path('.git', 'objects', 'pack'));
  await writeFile(repo.path('.git', 'objects', 'info', 'alternates'), `${alternate(lent)}\n`);
}

describe('a repository whose objects lie in an alternate', () => {
  it.each([
    ['an absolute path', (folder: string): string => folder],
    ['a path from its own objects', (): string => '../lent/objects'],
  ])('is verified as any other, named by %s', async (_, alternate) => {
    const repo = await working();
    await repo.commit('Work', { 'd/a': 'a\n' });
    await repo.commit('More', { 'd/b': 'b\n' });
    expect((await replay(repo, '--dry-run', 'HEAD~2..HEAD')).summary['identical']).toBe(2);
    await lend(repo, alternate);
    const { replays, recorded: written } = await replay(repo, 'HEAD~2..HEAD');
    expect(replays.map((one) => [one.verdict, one.problems, one.missing])).toEqual([
      ['identical', [], []],
      ['identical', [], []],
    ]);
    expect(written).toBe(2);
  });

  it('attack: other bytes under the id of a tree there are noticed', async () => {
    const repo = await working();
    await repo.commit('Work', { 'd/a': 'a\n' });
    await lend(repo, (folder) => folder);
    const tree = await repo.git('rev-parse', 'HEAD^{tree}');
    const forged = Buffer.concat([
      Buffer.from('100644 forged\0'),
      Buffer.from(await repo.git('rev-parse', 'HEAD:d/a'), 'hex'),
    ]);
    const path = repo.path('.git', 'lent', 'objects', tree.slice(0, 2), tree.slice(2));
    await chmod(path, 0o644);
    await writeFile(path, deflateSync(Buffer.concat([Buffer.from(`tree ${forged.length}\0`), forged])));
    const { replays } = await replay(repo, '--dry-run', 'HEAD');
    expect([replays[0]?.verdict, replays[0]?.problems]).toEqual([
      'invalid',
      expect.arrayContaining(['object-damaged']),
    ]);
  });

  it('says what is missing, where the alternate has lost it', async () => {
    const repo = await working();
    await repo.commit('Work', { 'd/a': 'a\n' });
    await lend(repo, (folder) => folder);
    const tree = await repo.git('rev-parse', 'HEAD:d');
    await rm(repo.path('.git', 'lent', 'objects', tree.slice(0, 2), tree.slice(2)));
    const { replays } = await replay(repo, '--dry-run', 'HEAD');
    expect([replays[0]?.verdict, replays[0]?.missing]).toEqual([
      'inconclusive',
      [{ kind: 'tree', id: tree }],
    ]);
  });
});

describe('an attack on the record', () => {
  it('by changing a line of the note is invalid', async () => {
    const repo = await working();
    await repo.commit('Work', { a: 'a\n' });
    await tamper(repo, (note) => note.replace('Jane Doe', 'Joan Doe'));
    const { replays, code, recorded: written } = await replay(repo);
    // The line as it is now has another digest, which nothing names.
    expect(replays[0]).toMatchObject({
      verdict: 'invalid',
      binding: 'claimed',
      problems: ['record-altered', 'claim-unproven'],
    });
    expect([code, written]).toEqual([3, 1]);
  });

  it('by taking the line away is invalid too', async () => {
    const repo = await working();
    await repo.commit('Work', { a: 'a\n' });
    await tamper(repo, (note) =>
      note
        .split('\n')
        .filter((line) => !line.includes('agent-log/execution/v1'))
        .join('\n'),
    );
    expect((await replay(repo)).replays[0]).toMatchObject({
      verdict: 'invalid',
      problems: ['record-altered'],
    });
  });

  it('by changing the line and the binding is invalid: the message names another', async () => {
    const repo = await working();
    await repo.commit('Work', { a: 'a\n' });
    const { createHash } = await import('node:crypto');
    await tamper(repo, (note) => {
      const [record = '', ...rest] = note.split('\n').sort((a) => (a.includes('execution/v1') ? -1 : 1));
      const digest = (line: string): string => createHash('sha256').update(line).digest('hex');
      const changed = record.replaceAll('Jane Doe', 'Joan Doe');
      return [changed, ...rest.map((line) => line.replaceAll(digest(record), digest(changed)))].join('\n');
    });
    expect((await replay(repo)).replays[0]).toMatchObject({
      verdict: 'invalid',
      sealed: false,
      problems: ['seal-broken'],
    });
  });

  it('by naming it in a commit of other content is invalid', async () => {
    const repo = await working();
    await repo.commit('Work', { a: 'a\n' });
    const message = await repo.git('log', '-1', '--format=%B');
    await repo.run(['end']);
    await repo.write('other', 'x\n');
    await repo.git('add', '-A');
    await repo.git('-c', 'core.hooksPath=/dev/null', 'commit', '-q', '-m', message);
    const { replays, code } = await replay(repo);
    expect(replays[0]).toMatchObject({
      verdict: 'invalid',
      binding: 'claimed',
      problems: ['claim-unproven'],
    });
    expect(code).toBe(3);
  });

  it('by naming another transaction beside it is invalid', async () => {
    const repo = await working();
    await repo.commit('Work', { a: 'a\n' });
    const message = await repo.git('log', '-1', '--format=%B');
    const forged = message.replace(/Agent-Txn: \w+/, 'Agent-Txn: 01JD2M0Y5V9Z8K7Q3C4N6T1RWE');
    await repo.git('-c', 'core.hooksPath=/dev/null', 'commit', '-q', '--amend', '-m', forged);
    const { replays } = await replay(repo);
    expect(replays[0]).toMatchObject({ verdict: 'invalid', binding: 'exact', problems: ['txn-differs'] });
  });

  it('by naming a record nobody has is inconclusive, and says which', async () => {
    const repo = await working();
    await repo.run(['end']);
    const digest = `sha256:${'0'.repeat(64)}`;
    await repo.commit(`Work\n\nAgent-Record: ${digest}`, { a: 'a\n' });
    const { replays, code } = await replay(repo);
    expect(replays[0]).toMatchObject({
      verdict: 'inconclusive',
      record: digest,
      missing: [{ kind: 'record', id: digest }],
    });
    expect(code).toBe(1);
  });

  it('by other bytes under the id of a tree is invalid', async () => {
    const repo = await working();
    await repo.commit('Work', { a: 'a\n' });
    const tree = await repo.git('rev-parse', 'HEAD^{tree}');
    const before = await repo.git('rev-parse', 'HEAD~1^{tree}');
    const { stdout } = await repo.tryGit(['cat-file', 'tree', before]);
    const content = Buffer.from(stdout, 'latin1');
    const path = repo.path('.git', 'objects', tree.slice(0, 2), tree.slice(2));
    await chmod(path, 0o644);
    // A tree of README.md alone has an id with bytes that are no text: what counts is that they are others.
    await writeFile(path, deflateSync(Buffer.concat([Buffer.from(`tree ${content.length}\0`), content])));
    const { replays, code } = await replay(repo, '--dry-run');
    expect(replays[0]?.verdict).toBe('invalid');
    expect(replays[0]?.problems).toContain('object-damaged');
    expect(code).toBe(3);
  });
});

describe('history that was rewritten', () => {
  it('by an amend of a person is divergent, with the paths', async () => {
    const repo = await working();
    await repo.commit('Work', { a: 'a\n', b: 'b\n' });
    await repo.run(['end']);
    await repo.write('a', 'changed\n');
    await repo.git('commit', '-q', '-a', '--amend', '--no-edit');
    const { replays, code } = await replay(repo);
    expect(replays[0]).toMatchObject({
      verdict: 'divergent',
      binding: 'modified',
      problems: ['commit-changed'],
    });
    expect(replays[0]?.differences.map(({ path }) => path)).toEqual(['a']);
    expect(code).toBe(1);
  });

  it('by a rebase is equivalent, also where the commits it was made as are gone', async () => {
    const repo = await working();
    await repo.git('checkout', '-q', '-b', 'topic');
    await repo.commit('Work', { a: 'a\n' });
    await repo.run(['end']);
    await repo.git('checkout', '-q', 'main');
    await repo.commit('Meanwhile', { b: 'b\n' });
    await repo.git('rebase', '-q', 'main', 'topic');
    const { replays, code } = await replay(repo, '--dry-run');
    expect(replays[0]).toMatchObject({
      verdict: 'equivalent',
      binding: 'same-patch',
      problems: ['base-moved'],
    });
    expect(code).toBe(0);
    await repo.git('reflog', 'expire', '--expire=now', '--all');
    await repo.git('update-ref', '-d', 'ORIG_HEAD');
    await repo.git('gc', '-q', '--prune=now');
    expect(await verdict(repo, '--dry-run')).toEqual(['equivalent', 'same-patch', 0]);
  });

  it('by a squash is equivalent, and divergent where a person put more into it', async () => {
    const repo = await working();
    await repo.git('checkout', '-q', '-b', 'topic');
    await repo.commit('One', { a: 'a\n', gone: 'x\n' });
    await repo.git('rm', '-q', 'gone');
    await repo.commit('Two', { a: 'b\n', c: 'c\n' });
    await repo.run(['end']);
    const messages = await repo.git('log', '--format=%B', 'main..topic');
    await repo.git('checkout', '-q', 'main');
    await repo.git('merge', '-q', '--squash', 'topic');
    await repo.git('commit', '-q', '-m', `Squash\n\n${messages}`);
    const { replays } = await replay(repo);
    expect(replays[0]).toMatchObject({
      verdict: 'equivalent',
      binding: 'squashed',
      problems: ['holds-several'],
    });
    await repo.write('mine', 'x\n');
    await repo.git('add', '-A');
    await repo.git('commit', '-q', '--amend', '--no-edit');
    const amended = await replay(repo);
    expect(amended.replays[0]?.verdict).toBe('divergent');
    expect(amended.replays[0]?.differences.map(({ path }) => path)).toEqual(['mine']);
  });

  it('by a squash is told by the record of the class that is asked for, whoever else worked on it', async () => {
    const repo = await working();
    await repo.git('checkout', '-q', '-b', 'topic');
    await repo.commit('Infrastructure', { 'main.tf': 'a\n' });
    await repo.run(['end']);
    await repo.run(['begin', '--task', 'More', '--agent', 'test-agent']);
    await repo.commit('Code', { 'a.js': 'a\n' });
    await repo.run(['end']);
    const messages = await repo.git('log', '--format=%B', 'main..topic');
    await repo.git('checkout', '-q', 'main');
    await repo.git('merge', '-q', '--squash', 'topic');
    await repo.git('commit', '-q', '-m', `Squash\n\n${messages}`);
    const { replays } = await replay(repo, 'HEAD~1..HEAD', '--class', 'iac');
    expect(replays).toMatchObject([{ verdict: 'equivalent', binding: 'squashed', classes: ['iac'] }]);
  });

  it('by nothing: a merge an agent made is identical, and one that repeats trailers is skipped', async () => {
    const repo = await working();
    await repo.git('checkout', '-q', '-b', 'topic');
    await repo.commit('Work', { a: 'a\n' });
    await repo.git('checkout', '-q', 'main');
    await repo.commit('Meanwhile', { b: 'b\n' });
    await repo.git('merge', '-q', '--no-ff', '-m', 'Merge', 'topic');
    expect(await verdict(repo)).toEqual(['identical', 'exact', 0]);
    const message = await repo.git('log', '-1', '--format=%B', 'topic');
    await repo.run(['end']);
    await repo.git('reset', '-q', '--hard', 'HEAD~1');
    await repo.git('-c', 'core.hooksPath=/dev/null', 'merge', '-q', '--no-ff', '-m', message, 'topic');
    expect((await verdict(repo, '--dry-run')).slice(0, 2)).toEqual(['skipped', 'claimed']);
  });

  it('is not told from one that is missing in a shallow clone', async () => {
    const repo = await working();
    await repo.commit('Work', { a: 'a\n' });
    await repo.commit('More', { a: 'b\n' });
    await repo.run(['list']);
    const clone = repoAt(`${repo.dir}-shallow`, repo.home);
    onTestFinished(async () => {
      await repo.exec('rm', ['-rf', clone.dir]);
    });
    await repo.git('clone', '-q', '--depth=1', `file://${repo.dir}`, clone.dir);
    await clone.git('fetch', '-q', 'origin', 'refs/notes/agent-log:refs/notes/agent-log');
    const { replays, code } = await replay(clone, '--dry-run');
    expect(replays[0]?.verdict).toBe('inconclusive');
    expect(replays[0]?.missing).toEqual([{ kind: 'tree', id: await repo.git('rev-parse', 'HEAD~1^{tree}') }]);
    expect(code).toBe(3);
    expect((await clone.run(['replay', '--mode', 'verify', '--dry-run'])).stderr).toMatch(
      /fetch --unshallow/,
    );
  });
});
