import { existsSync } from 'node:fs';
import { cp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { noStrace, withFault } from '../support/faults.ts';
import { repoAt, type TestRepo } from '../support/repo.ts';
import { scene, ten } from '../support/revert.ts';

const REVERT = fileURLToPath(new URL('../../bin/git-agent-revert', import.meta.url));

/** Calls at which a kill leaves something half done, and which of a process's own. */
const FAULTS = [
  'fsync:1',
  'fsync:2',
  'fsync:3',
  'fsync:5',
  'rename:1',
  'rename:2',
  'rename:4',
  'link:1',
  'unlink:1',
  'unlink:2',
  'write:9',
  'mkdir:1',
  'rmdir:1',
];

async function killed(repo: TestRepo, fault: string, args: readonly string[]): Promise<number> {
  const [calls = '', nth = ''] = fault.split(':');
  return (await withFault(repo, { calls, nth, does: 'signal=SIGKILL' }, [REVERT, ...args])).code;
}

/** What a killed git leaves is git's own: a person takes it away. */
async function withoutLocks(repo: TestRepo): Promise<void> {
  await repo.exec('sh', ['-c', "find .git -name '*.lock' -not -name agent-revert.lock -delete"]);
}

/** A transaction of two commits, files of all kinds in its way, and a person's own unfinished work. */
async function original() {
  const { repo, agent, person, txn } = await scene();
  const many = (word: string): Record<string, string> =>
    Object.fromEntries(
      Array.from({ length: 12 }, (_, i) => [`many/${i}`, `${word} ${'x'.repeat(i * 900)}\n`]),
    );
  await person({ f: ten(), ...many('person'), dirty: 'one\n', staged: 'one\n' });
  await agent({ f: ten({ 5: 'agent' }), ...many('agent'), 'new/deep/file': 'agent\n' });
  await agent({ f: ten({ 5: 'agent', 8: 'agent' }) });
  const head = await person({ later: 'person\n' });
  await repo.write('dirty', 'being written\n');
  await repo.write('untracked', 'mine\n');
  await repo.write('staged', 'staged\n');
  await repo.git('add', 'staged');
  const before = await look(repo);
  return { repo, txn: txn(), head, before };
}

/** What a user sees: branches, index, files. */
async function look(repo: TestRepo): Promise<string> {
  const parts = await Promise.all([
    repo.git('for-each-ref', 'refs/heads'),
    repo.git('ls-files', '-s'),
    repo.git('status', '--porcelain'),
    repo
      .exec('sh', ['-c', 'find . -path ./.git -prune -o -type f -print | sort | xargs sha1sum'])
      .then((o) => o.stdout),
  ]);
  return parts.join('\n--\n');
}

/** A copy of a repository to kill things in, with nothing of another attempt. */
async function copyOf(repo: TestRepo, name: string): Promise<TestRepo> {
  const dir = join(repo.home, name);
  await cp(repo.dir, dir, { recursive: true, preserveTimestamps: true });
  const copy = repoAt(dir, repo.home);
  await copy.git('update-index', '-q', '--refresh').catch(() => undefined);
  return copy;
}

async function expectDone(repo: TestRepo, txn: string, head: string, commits: number): Promise<void> {
  expect(await repo.git('rev-parse', `HEAD~${commits}`)).toBe(head);
  expect(await repo.git('status', '--porcelain')).toBe(' M dirty\nM  staged\n?? untracked');
  expect(await repo.read('f')).toBe(ten());
  expect(await repo.read('dirty')).toBe('being written\n');
  expect(existsSync(repo.path('new'))).toBe(false);
  const shown = await repo.run(['show', 'HEAD']);
  expect(shown.stdout).toContain(`It takes back transaction ${txn}.`);
  await expectNothingLeft(repo);
}

async function expectNothingLeft(repo: TestRepo): Promise<void> {
  const names = await readdir(repo.path('.git'));
  expect(names.filter((name) => name.startsWith('agent-revert'))).toEqual([]);
  expect(await repo.git('fsck', '--no-dangling')).toBe('');
}

describe.skipIf(noStrace !== null)(`kill -9 at every kind of step ${noStrace ?? ''}`, () => {
  it.each([
    ['one commit', [], 1],
    ['--each', ['--each'], 2],
  ])('%s: running again, --continue and --abort each come to a right end', async (_what, flags, commits) => {
    const { repo, txn, head, before } = await original();
    let cut = 0;
    for (const [i, fault] of FAULTS.entries()) {
      const copy = await copyOf(repo, `copy${i}`);
      const code = await killed(copy, fault, [txn, ...flags]);
      await withoutLocks(copy);
      const isUnderWay = existsSync(copy.path('.git/agent-revert/state.json'));
      if (isUnderWay) cut++;
      const way = isUnderWay ? ['again', '--continue', '--abort'][cut % 3] : 'again';
      const label = `${fault} (${code}), then ${way}`;
      const run = await copy.exec(REVERT, way === 'again' ? [txn, ...flags] : [way ?? '']);
      if (way === '--abort' && run.code === 0) {
        expect(await look(copy), label).toBe(before);
        await expectNothingLeft(copy);
      } else {
        expect(run.code, `${label}: ${run.stderr}`).toBe(way === '--abort' ? 1 : 0);
        await expectDone(copy, txn, head, commits);
      }
      await rm(copy.dir, { recursive: true, force: true });
    }
    expect(cut).toBeGreaterThan(2);
  });

  it('what somebody did to a file after the kill is theirs, and said', async () => {
    const { repo, txn, head } = await original();
    for (const fault of ['rename:1', 'write:9', 'unlink:1']) {
      const copy = await copyOf(repo, `theirs-${fault.replace(':', '')}`);
      await killed(copy, fault, [txn]);
      await withoutLocks(copy);
      if (!existsSync(copy.path('.git/agent-revert/state.json'))) continue;
      await copy.write('many/3', 'mine\n');
      const run = await copy.exec(REVERT, ['--abort']);
      expect(await copy.read('many/3'), fault).toBe('mine\n');
      if (run.code === 0) {
        expect(run.stdout, fault).toContain('many/3 was changed since');
        expect(await copy.git('rev-parse', 'HEAD')).toBe(head);
      }
    }
  });
});

describe.skipIf(noStrace !== null)(`kill -9 with a person in it ${noStrace ?? ''}`, () => {
  async function inConflict() {
    const { repo, agent, person, txn } = await scene();
    await person({ f: ten(), g: 'one\n' });
    await agent({ f: ten({ 5: 'agent' }), new: 'agent\n' });
    await person({ f: ten({ 5: 'person' }) });
    await repo.write('g', 'being written\n');
    return { repo, txn: txn(), before: await look(repo), head: await repo.git('rev-parse', 'HEAD') };
  }

  /** Resolves what is there as a person would; false when there is nothing. */
  async function resolveIn(copy: TestRepo): Promise<boolean> {
    const [folder] = (await readdir(join(copy.dir, '..'))).filter((name) =>
      name.startsWith(`${copy.dir.split('/').at(-1)}.revert-`),
    );
    const worktree = folder === undefined ? '' : join(copy.dir, '..', folder);
    if (!existsSync(join(worktree, 'f'))) return false;
    await writeFile(join(worktree, 'f'), ten({ 5: 'mine' }));
    return (await copy.exec('git', ['-C', worktree, 'add', 'f'])).code === 0;
  }

  it('setting up: begins again by --continue, or goes without a trace by --abort', async () => {
    const { repo, txn, before, head } = await inConflict();
    let cut = 0;
    for (const [i, fault] of FAULTS.entries()) {
      const copy = await copyOf(repo, `set${i}`);
      await killed(copy, fault, [txn, '--worktree']);
      await withoutLocks(copy);
      expect(await look(copy), fault).toBe(before);
      if (!existsSync(copy.path('.git/agent-revert/state.json'))) continue;
      if (cut++ % 2 === 0) {
        const run = await copy.exec(REVERT, ['--abort']);
        expect(run.code, `${fault}: ${run.stderr}`).toBe(0);
        expect(await look(copy), fault).toBe(before);
      } else {
        await copy.exec(REVERT, ['--continue']);
        expect(await resolveIn(copy), fault).toBe(true);
        const run = await copy.exec(REVERT, ['--continue']);
        expect(run.code, `${fault}: ${run.stderr}`).toBe(0);
        expect(await copy.git('rev-parse', 'HEAD^')).toBe(head);
        expect(await copy.read('f')).toBe(ten({ 5: 'mine' }));
      }
      await expectNothingLeft(copy);
      expect(existsSync(copy.path('.git/worktrees'))).toBe(false);
      expect(await copy.read('g')).toBe('being written\n');
    }
    expect(cut).toBeGreaterThan(2);
  });

  it.each(['--continue', '--abort'])('%s, cut off: once more comes to a right end', async (way) => {
    const { repo, txn, before, head } = await inConflict();
    for (const [i, fault] of FAULTS.entries()) {
      const copy = await copyOf(repo, `${way.slice(2)}${i}`);
      await copy.exec(REVERT, [txn, '--worktree']);
      expect(await resolveIn(copy)).toBe(true);
      await killed(copy, fault, [way]);
      await withoutLocks(copy);
      const run = await copy.exec(REVERT, [way]);
      // Done the first time, or now.
      expect([0, 1], `${fault}: ${run.stderr}`).toContain(run.code);
      if (run.code === 1) expect(run.stderr, fault).toContain('no revert is under way');
      if (way === '--abort') expect(await look(copy), fault).toBe(before);
      else {
        expect(await copy.git('rev-parse', 'HEAD^'), fault).toBe(head);
        expect(await copy.read('f')).toBe(ten({ 5: 'mine' }));
        expect((await copy.run(['show', 'HEAD'])).stdout).toContain(`It takes back transaction ${txn}.`);
      }
      await expectNothingLeft(copy);
      expect(await copy.read('g')).toBe('being written\n');
    }
  });
});
