import { chmod, cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { askedByShell } from '../../lib/cli/entry/show-asked.ts';
import { parseShow } from '../../lib/cli/entry/show-words.ts';
import { LEDGER_REF } from '../../lib/ledger/ledger.ts';
import { makeRepo, type Outcome, PROGRAM, type TestRepo, writeScript } from '../support/repo.ts';

let repo: TestRepo;
let sha256: TestRepo;
let txn: string;
/** Programs that come before the real ones, and write down how they were started. */
let bin: string;
beforeAll(async () => {
  [repo, sha256] = await Promise.all([makeRepo(), makeRepo({ objectFormat: 'sha256' })]);
  const script = 'for i in 1 2 3; do echo $i > one; git add -A; git commit -q -m "Work $i"; done';
  for (const one of [repo, sha256]) {
    await one.run(['init', '--agents', 'none']);
    await one.run(['run', '--task', 'Write a file', '--agent', 'tester', '--', 'sh', '-c', script]);
    // What waits to be taken in is the program's.
    await one.run(['list']);
  }
  txn = /Agent-Txn: (\w+)/.exec(await repo.git('log', '-1', '--format=%B'))?.[1] ?? '';
  await repo.git('worktree', 'add', '-q', '../linked');
  await repo.run(['list'], { cwd: repo.path('..', 'linked') });
  await repo.git('tag', '-a', '-m', 'Tagged', 'v1', 'HEAD~1');
  bin = repo.path('..', 'bin');
  await makeWitness();
});
beforeEach(() => Promise.all(['calls', 'asked'].map((name) => rm(join(bin, name), { force: true }))));
afterAll(() => Promise.all([repo.remove(), sha256.remove()]));

/** A git that writes down its words, and what it is asked on standard input, and is git otherwise. */
async function makeWitness(): Promise<void> {
  const { stdout } = await repo.exec('sh', ['-c', 'command -v git; command -v node; command -v tee']);
  const [git, node, tee] = stdout.trim().split('\n');
  await writeScript(
    join(bin, 'git'),
    `#!/bin/sh
{ for word; do printf '%s\\0' "$word"; done; echo; } >> ${bin}/calls
case "$*" in *cat-file*) ${tee} -a ${bin}/asked | ${git} "$@" ;; *) exec ${git} "$@" ;; esac
`,
  );
  await symlink(node ?? '', join(bin, 'node'));
}

async function calls(): Promise<string[][]> {
  const text = await readFile(join(bin, 'calls'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\0').slice(0, -1));
}

async function asked(): Promise<string[]> {
  return (await readFile(join(bin, 'asked'), 'utf8')).split('\n').slice(0, -1);
}

const CAT_FILE = ['-c', 'core.warnAmbiguousRefs=false', 'cat-file', '--batch-command', '--buffer'];

function witnessed(words: readonly string[], cwd = repo.dir): Promise<Outcome> {
  return repo.run(['show', ...words], { cwd, env: { PATH: `${bin}:${repo.env['PATH']}` } });
}

describe('what the shell asks git for show', () => {
  it.each([
    ['HEAD', 'HEAD', '.'],
    ['a branch', 'main', '../linked'],
    ['a tag', 'v1', '.'],
    ['an ancestor', 'HEAD~2', '.git'],
    ['a person’s commit', 'main@{0}^^^', '.'],
  ])('of %s is all that Node wants to know, and Node starts no process', async (_, name, folder) => {
    const commit = await repo.git('rev-parse', `${name}^{commit}`);
    const { questions, names } = askedByShell(name);
    const results = questions.map(() => ({ code: 0, stdout: Buffer.from(`${commit}\n`), stderr: '' }));
    expect((await witnessed([name, '--json'], repo.path(folder))).stderr).toBe('');
    expect(await calls()).toEqual([...questions, CAT_FILE]);
    const wanted = names(results).map(
      (one, at) => `contents ${at < 2 ? commit + one.slice(name.length) : one}`,
    );
    expect((await asked()).slice(0, wanted.length)).toEqual(wanted);
  });

  it('is asked by the whole id of the commit, so that no branch that moves meanwhile mixes two up', async () => {
    const commit = await repo.git('rev-parse', 'HEAD');
    await witnessed([]);
    expect((await asked()).slice(0, 2)).toEqual([
      `contents ${commit}^{commit}`,
      `contents ${commit}^^{commit}`,
    ]);
    expect(await asked()).toContain(`contents refs/notes/agent-log:${commit}`);
  });

  it('is asked of a repository with SHA-256 too', async () => {
    const path = `${bin}:${sha256.env['PATH']}`;
    const { code, stdout } = await sha256.run(['show', '--json'], { env: { PATH: path } });
    expect({ code, binding: (JSON.parse(stdout) as { binding: string }).binding }).toEqual({
      code: 0,
      binding: 'exact',
    });
    const { questions, names } = askedByShell('HEAD');
    expect(await calls()).toEqual([...questions, CAT_FILE]);
    const commit = await sha256.git('rev-parse', 'HEAD');
    const results = questions.map(() => ({ code: 0, stdout: Buffer.from(`${commit}\n`), stderr: '' }));
    expect(await asked()).toEqual(
      expect.arrayContaining(
        names(results)
          .slice(2)
          .map((name) => `contents ${name}`),
      ),
    );
  });

  it('is gone on with for a transaction, by the same git', async () => {
    const { code, stdout } = await witnessed([txn, '--json']);
    expect({ code, commits: (JSON.parse(stdout) as { commits: unknown[] }).commits.length }).toEqual({
      code: 0,
      commits: 3,
    });
    expect((await calls()).filter((call) => call.includes('cat-file'))).toEqual([CAT_FILE]);
  });

  it.each([
    ['a name that holds a line', ['HEAD\ncontents HEAD']],
    ['a name that is a path', ['HEAD:one']],
    ['words it does not know', ['--no-color']],
    ['two names', ['HEAD', 'HEAD']],
    ['no name at all', ['']],
  ])('is nothing for %s', async (_, words) => {
    expect(parseShow(words)?.flags ?? {}).toEqual({});
    await witnessed(words);
    expect(
      (await calls()).filter((call) => call.includes('core.warnAmbiguousRefs=false')),
    ).not.toContainEqual(expect.arrayContaining(['--end-of-options']));
    expect(await calls()).not.toContainEqual(expect.arrayContaining(['--quiet', '--verify']));
  });
});

describe('show, started by the shell', () => {
  it('is the process that was started: who ends it ends Node', async () => {
    const folder = repo.path('..', 'as-node');
    await writeScript(join(folder, 'node'), '#!/bin/sh\necho $$ "$2"\n');
    const script = 'echo $$; exec "$0" show HEAD';
    const env = { PATH: `${folder}:${repo.env['PATH']}` };
    const { stdout } = await repo.exec('sh', ['-c', script, PROGRAM], { env });
    const [shell, node] = stdout.split('\n');
    expect(node).toBe(`${shell} --asked`);
  });

  it.each([
    ['a commit', () => 'HEAD'],
    ['a transaction', () => txn],
  ])('tells of %s what was recorded while Node started', async (_, name) => {
    const now = await repo.git('rev-parse', LEDGER_REF);
    const expected = await repo.run(['show', name(), '--json']);
    // As if a background process bound the last commit between what git said and what Node looks for.
    await repo.git('update-ref', LEDGER_REF, `${LEDGER_REF}~1`);
    const folder = repo.path('..', 'meanwhile');
    const { stdout } = await repo.exec('sh', ['-c', 'command -v node']);
    const bind = `sleep 0.3; git update-ref ${LEDGER_REF} ${now}`;
    await writeScript(join(folder, 'node'), `#!/bin/sh\n${bind}\nexec ${stdout.trim()} "$@"\n`);
    const env = { PATH: `${folder}:${repo.env['PATH']}` };
    expect(await repo.run(['show', name(), '--json'], { env })).toEqual(expected);
  });

  it.for(['bash', 'dash', 'busybox', 'ksh', 'sh'])(
    'says the same where %s is the shell',
    async (shell, { skip }) => {
      if ((await repo.exec('sh', ['-c', `command -v ${shell}`])).code !== 0) skip();
      const words = [...(shell === 'busybox' ? ['sh'] : []), PROGRAM, 'show', 'HEAD', '--json'];
      expect(await repo.exec(shell, words)).toEqual(
        await repo.exec(process.execPath, [PROGRAM, 'show', '--json']),
      );
    },
  );

  it('lets Node ask where a pipe can’t be made', async () => {
    const copy = repo.path('..', 'copy');
    for (const part of ['bin', 'dist/bundle', 'package.json'])
      await cp(join(PROGRAM, '../..', part), join(copy, part), { recursive: true });
    const program = join(copy, 'bin/git-agent-log');
    const source = await readFile(program, 'utf8');
    const outcome = await repo.run(['show', '--json']);
    for (const gone of [/\/proc\/self\/fd\/5/g, /\[ ! -d \/proc\/self\/fd \]/]) {
      await writeFile(program, source.replace(gone, gone.global ? '/nowhere' : '[ 1 ]'));
      await chmod(program, 0o755);
      expect(await repo.exec(program, ['show', '--json'])).toEqual(outcome);
    }
  });

  it.each([
    ['ends at once', 'exit 1'],
    [
      'says half an object and ends',
      'echo "1111111111111111111111111111111111111111 commit 900"; echo tree; exit 1',
    ],
  ])('is done by the program where the git it was left %s', async (_, what) => {
    const folder = repo.path('..', 'broken');
    await mkdir(folder, { recursive: true });
    const { stdout } = await repo.exec('sh', ['-c', 'command -v git']);
    await writeScript(
      join(folder, 'git'),
      `#!/bin/sh\nif [ "$1 $3" = "-c cat-file" ]; then ${what}; fi\nexec ${stdout.trim()} "$@"\n`,
    );
    const env = { PATH: `${folder}:${repo.env['PATH']}` };
    expect(await repo.run(['show', '--json'], { env })).toEqual(await repo.run(['show', '--json']));
  });
});
