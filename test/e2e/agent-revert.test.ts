import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { makeRepo, type Outcome, type TestRepo } from '../support/repo.ts';
import { schemaProblems } from '../support/schema.ts';

const REVERT = fileURLToPath(new URL('../../bin/git-agent-revert', import.meta.url));

let repo: TestRepo;
beforeEach(async () => {
  repo = await makeRepo();
  onTestFinished(() => repo.remove());
  await repo.run(['init', '--agents', 'none']);
});

function revert(...args: string[]): Promise<Outcome> {
  return repo.exec(REVERT, args);
}

/** Commits as an agent in one transaction, with a person's commits between; gives its id. */
async function workTogether(): Promise<string> {
  const begun = await repo.run(['begin', '--task', 'Add three files', '--agent', 'tester', '--json']);
  const { txn } = JSON.parse(begun.stdout) as { txn: string };
  await repo.commit('Add one', { one: 'agent\n', shared: 'agent\nkept\n' });
  await repo.run(['end']);
  return txn;
}

describe('git agent-revert', () => {
  it('shows a plan and changes nothing, then does what it said', async () => {
    await repo.commit('Base', { shared: 'kept\n' });
    const txn = await workTogether();
    await repo.commit('By hand', { two: 'person\n' });
    const before = await repo.git('for-each-ref');
    const objects = await repo.git('count-objects', '-v');
    const planned = await revert('--plan', txn);
    expect(planned).toMatchObject({ code: 0, stderr: '' });
    expect(planned.stdout).toMatch(/clean: it can be taken back as one unit/);
    expect(planned.stdout).toMatch(/Goes\n {2}[0-9a-f]{7,} {2}Add one\n/);
    expect(planned.stdout).toMatch(/Files\n {2}D one\n {2}M shared\n/);
    expect(planned.stdout.split('\n').every((line) => line.length <= 80)).toBe(true);
    expect(await repo.git('for-each-ref')).toBe(before);
    expect(await repo.git('count-objects', '-v')).toBe(objects);
    expect(await repo.git('status', '--porcelain')).toBe('');
    const done = await revert(txn, '--reason', 'Not wanted');
    expect(done.code, done.stderr).toBe(0);
    expect(await repo.git('ls-tree', '--name-only', 'HEAD')).toBe('README.md\nshared\ntwo');
    expect(await repo.read('shared')).toBe('kept\n');
    expect((await repo.run(['show', 'HEAD'])).stdout).toContain(`It takes back transaction ${txn}.`);
    expect((await repo.run(['show', 'HEAD~2'])).stdout).toMatch(/reverted by +[0-9a-f]{7,}/);
    const shown = await repo.run(['show', 'HEAD~2', '--json']);
    expect(schemaProblems(JSON.parse(shown.stdout))).toEqual([]);
    const again = await revert(txn.slice(0, 10), '--plan', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ verdict: 'already-reverted' });
    const told = await revert(txn, '--plan');
    expect(told.stdout).toMatch(/^ {2}[0-9a-f]{10} was reverted before, by [0-9a-f]{10}$/m);
    expect(told.stdout).toMatch(/\nIts commits\n {2}[0-9a-f]{10} {2}Add one\n$/);
  });

  it('prints a plan that meets its schema', async () => {
    const txn = await workTogether();
    const { stdout } = await revert('--plan', '--json', txn);
    expect(schemaProblems(JSON.parse(stdout))).toEqual([]);
  });

  it('needs a decision where a person wrote on: exit 1, nothing changed, the ways through named', async () => {
    const txn = await workTogether();
    const head = await repo.commit('By hand', { one: 'person\n' });
    const refused = await revert(txn);
    expect(refused.code).toBe(1);
    expect(refused.stdout).toMatch(/In the way\n {2}[0-9a-f]{7,} {2}By hand\n/);
    expect(refused.stdout).toMatch(/--with-dependants +clean, takes 1 more commit with it/);
    expect(refused.stdout).toMatch(/\n {2}Add one of them to the command; with --plan, it shows .+\n$/);
    expect(await repo.git('rev-parse', 'HEAD')).toBe(head);
    const done = await revert(txn, '--with-dependants');
    expect(done.code, done.stderr).toBe(0);
    expect(await repo.git('ls-tree', '--name-only', 'HEAD')).toBe('README.md');
  });

  it('asks the verify command before it calls a relaxed result clean', async () => {
    await repo.commit('Base', { f: 'a\nb\nc\n' });
    await repo.run(['begin', '--task', 'Add a line', '--agent', 'tester']);
    await repo.commit('Add a line', { f: 'a\nagent\nb\nc\n' });
    await repo.run(['end']);
    const txn = await repo.git('log', '-1', '--format=%(trailers:key=Agent-Txn,valueonly)');
    await repo.commit('By hand', { f: 'a\nagent\nperson\nc\n' });
    const failed = await revert(txn.trim(), '--relaxed', '--verify', '! grep -q person f');
    expect(failed.code).toBe(1);
    expect(failed.stdout).toMatch(/^ {2}with --relaxed the verify command fails$/m);
    const passed = await revert(txn.trim(), '--relaxed', '--verify', 'grep -q person f && ! grep -q agent f');
    expect(passed.code, passed.stderr).toBe(0);
    expect(await repo.read('f')).toBe('a\nperson\nc\n');
  });

  it('commits nothing where all of it was overwritten, whatever flag is given', async () => {
    await repo.commit('Base', { f: 'a\nb\nc\n' });
    await repo.run(['begin', '--task', 'Change a line', '--agent', 'tester']);
    await repo.commit('Change a line', { f: 'a\nagent\nc\n' });
    await repo.run(['end']);
    const txn = await repo.git('log', '-1', '--format=%(trailers:key=Agent-Txn,valueonly)');
    const head = await repo.commit('By hand', { f: 'a\nperson\nc\n' });
    const done = await revert(txn.trim(), '--relaxed', '--json');
    expect(done.code, done.stderr).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({ verdict: 'noop', resultTree: null });
    expect(await repo.git('rev-parse', 'HEAD')).toBe(head);
  });

  it('says so where the commit was made and the ledger can not be told', async () => {
    const txn = await workTogether();
    await repo.write('.git/hooks/reference-transaction', '#!/bin/sh\n! grep -q refs/notes/\n');
    await repo.exec('chmod', ['+x', repo.path('.git/hooks/reference-transaction')]);
    const { code, stderr } = await revert(txn);
    expect(code).toBe(128);
    expect(stderr).toMatch(/takes it back, but the ledger could not be told/);
    expect(await repo.git('ls-tree', '--name-only', 'HEAD')).toBe('README.md');
  });

  it('says what it wants: exit 2 without a transaction, 1 for one nobody knows', async () => {
    expect(await revert()).toMatchObject({ code: 2, stderr: expect.stringContaining('hint: ') });
    expect(await revert('HEAD')).toMatchObject({ code: 1, stderr: expect.stringContaining('hint: ') });
    expect((await revert('-h')).stdout).toMatch(/^Usage: git agent-revert /);
  });

  it.each([
    [['--plan', '--continue'], '--plan and --continue exclude each other'],
    [['--plan', '--abort'], '--plan and --abort exclude each other'],
    [['--push', 'HEAD'], '--push goes with --repos'],
  ])('refuses %j, one of which would not be heeded', async (args, problem) => {
    const { code, stdout, stderr } = await revert(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^error: ${problem}\nhint: `));
  });

  it('tells a clone without records how to get them', async () => {
    const txn = await workTogether();
    const clone = repo.path('..', 'clone');
    await repo.exec('git', ['clone', '-q', repo.dir, clone]);
    const { code, stderr } = await revert('-C', clone, '--plan', txn);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: no transaction is called .+\nhint: this clone has no records yet; .+ sync/,
    );
  });

  it('names the file that is in the way, and changes nothing', async () => {
    const txn = await workTogether();
    await repo.write('shared', 'mine\n');
    const { code, stderr } = await revert(txn);
    expect(code).toBe(1);
    expect(stderr).toBe(
      'error: your worktree has changes where this one would go: shared\n' +
        'hint: Commit or stash them first; nothing was changed.\n',
    );
    expect(await repo.read('shared')).toBe('mine\n');
  });

  it('tells its version', async () => {
    expect(await revert('--version')).toEqual(await repo.run(['--version']));
  });

  it('works from elsewhere with -C', async () => {
    const txn = await workTogether();
    const { code, stderr } = await repo.exec(REVERT, ['-C', repo.dir, '--plan', txn], { cwd: '/' });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
