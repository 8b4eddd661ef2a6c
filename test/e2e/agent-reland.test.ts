import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { makeRepo, type Outcome, type TestRepo } from '../support/repo.ts';
import { schemaProblems } from '../support/schema.ts';

const REVERT = fileURLToPath(new URL('../../bin/git-agent-revert', import.meta.url));

let repo: TestRepo;
let txn = '';
beforeEach(async () => {
  repo = await makeRepo();
  onTestFinished(() => repo.remove());
  await repo.run(['init', '--agents', 'none']);
  await repo.commit('Base', { 'src/shared': 'kept\n' });
  const begun = await repo.run(['begin', '--task', 'Add files', '--agent', 'tester', '--json']);
  ({ txn } = JSON.parse(begun.stdout) as { txn: string });
  await repo.commit('Add them', { one: 'agent\n', 'src/two': 'agent\n', 'src/shared': 'agent\nkept\n' });
  await repo.run(['end']);
});

function revert(...args: string[]): Promise<Outcome> {
  return repo.exec(REVERT, args);
}

function isNarrow({ stdout }: Outcome): boolean {
  return stdout.split('\n').every((line) => line.length <= 80);
}

describe('git agent-revert --path', () => {
  it('takes some files, says which stay, and show tells it is partly reverted', async () => {
    const planned = await repo.exec(REVERT, ['--plan', txn, '--path', 'shared', 'two'], {
      cwd: repo.path('src'),
    });
    expect(planned).toMatchObject({ code: 0, stderr: '' });
    expect(planned.stdout).toMatch(/Stays\n {2}one {2}not asked for\n/);
    expect(planned.stdout).toMatch(/Files\n {2}M src\/shared\n {2}D src\/two\n/);
    expect(isNarrow(planned)).toBe(true);
    const done = await revert(txn, '--path', 'src', '--json');
    expect(done.code, done.stderr).toBe(0);
    const { commit, ...plan } = JSON.parse(done.stdout) as { commit: string };
    expect(schemaProblems(plan)).toEqual([]);
    expect(plan).toMatchObject({ paths: ['src'], leftOut: ['one'] });
    expect(await repo.git('ls-tree', '-r', '--name-only', commit)).toBe('README.md\none\nsrc/shared');
    expect((await repo.run(['show', 'HEAD~1'])).stdout).toMatch(/reverted by +[0-9a-f]+ \(partly reverted\)/);
    expect((await revert(txn, '--plan')).stdout).toMatch(/was partly reverted before, by/);
  });

  it('wants files of the transaction: exit 1 with a hint, 2 outside of the repository', async () => {
    expect(await revert(txn, '--path', 'README.md')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('hint: '),
    });
    expect(await revert(txn, '--path', '../elsewhere')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('hint: '),
    });
  });
});

describe('git agent-revert --path before the transaction', () => {
  it('takes the last word for the transaction, where it names one and no file', async () => {
    const planned = await revert('--plan', '--json', '--path', 'one', txn);
    expect(planned.code, planned.stderr).toBe(0);
    expect(JSON.parse(planned.stdout)).toMatchObject({ verdict: 'clean', txns: [txn], paths: ['one'] });
    expect((await revert('--path', 'src', 'one', 'HEAD')).code).toBe(0);
    expect(await repo.git('ls-tree', '-r', '--name-only', 'HEAD')).toBe('README.md\nsrc/shared');
  });

  it('never makes a revert of all of one word, and says where the transaction goes', async () => {
    for (const words of [[txn], ['one', 'src'], ['one', 'no-such-thing']])
      expect(await revert('--path', ...words)).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining('put the transaction before it'),
      });
    await repo.commit('A file of that name', { [txn]: 'by a person\n' });
    expect((await revert('--path', 'one', txn)).code).toBe(2);
  });
});

describe('git agent-revert --most-dependants', () => {
  it('offers no way with more, and takes only a number', async () => {
    await repo.commit('Build on it', { one: 'agent\nperson\n' });
    const flagsOf = async (...args: string[]): Promise<unknown[]> => {
      const { stdout } = await revert('--plan', '--json', ...args, txn);
      return (JSON.parse(stdout) as { options: { flag: string }[] }).options.map(({ flag }) => flag);
    };
    expect(await flagsOf()).toContain('--with-dependants');
    expect(await flagsOf('--most-dependants', '1')).toContain('--with-dependants');
    expect(await flagsOf('--most-dependants', '0')).not.toContain('--with-dependants');
    expect(await revert('--most-dependants', 'few', txn)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('hint: '),
    });
  });
});

describe('git agent-revert --reland', () => {
  it('knows what to bring back by the commit that reverted it, too', async () => {
    expect((await revert(txn)).code).toBe(0);
    const planned = await revert('--reland', 'HEAD', '--plan', '--json');
    expect(planned.code, planned.stderr).toBe(0);
    expect(JSON.parse(planned.stdout)).toMatchObject({ action: 'reland', verdict: 'clean', txns: [txn] });
    await repo.commit('By hand', { three: 'person\n' });
    expect((await revert('--reland', 'HEAD', '--plan')).stderr).toContain('belongs to no transaction');
  });

  it('brings back what was reverted, and it can be reverted again', async () => {
    expect((await revert(txn)).code).toBe(0);
    await repo.commit('By hand', { three: 'person\n' });
    const planned = await revert('--reland', txn, '--plan');
    expect(planned).toMatchObject({ code: 0, stderr: '' });
    expect(planned.stdout).toMatch(/clean: it can be brought back as one unit/);
    expect(planned.stdout).toMatch(/Reverts it undoes\n {2}[0-9a-f]{7,} {2}Revert agent txn/);
    expect(isNarrow(planned)).toBe(true);
    const json = await revert('--reland', txn, '--plan', '--json');
    expect(schemaProblems(JSON.parse(json.stdout))).toEqual([]);
    const done = await revert('--reland', txn, '--reason', 'It was not that');
    expect(done.code, done.stderr).toBe(0);
    expect(done.stdout).toMatch(/Done: [0-9a-f]+ brings it back/);
    expect(await repo.read('src/shared')).toBe('agent\nkept\n');
    expect((await repo.run(['show', 'HEAD'])).stdout).toContain(`It brings back transaction ${txn}.`);
    const shown = await repo.run(['show', 'HEAD~3', '--json']);
    expect(schemaProblems(JSON.parse(shown.stdout))).toEqual([]);
    expect((await repo.run(['show', 'HEAD~3'])).stdout).toMatch(
      /reverted by +[0-9a-f]+\n +back by +[0-9a-f]+/,
    );
    expect(await revert('--reland', txn)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('in force: there is nothing to bring back'),
    });
    expect((await revert(txn)).code).toBe(0);
    expect(await repo.git('ls-tree', '-r', '--name-only', 'HEAD')).toBe('README.md\nsrc/shared\nthree');
  });
});

describe('git agent-revert where it can not be relied on', () => {
  it('tampering: exit 3, and it says which record', async () => {
    const head = await repo.git('rev-parse', 'HEAD');
    const note = await repo.git('notes', '--ref=refs/notes/agent-log', 'show', head);
    await repo.git(
      'notes',
      '--ref=refs/notes/agent-log',
      'add',
      '-f',
      '-m',
      note.replace('"tester"', '"another"'),
      head,
    );
    const refused = await revert(txn);
    expect(refused.code).toBe(3);
    expect(refused.stdout).toContain(`the note of ${head.slice(0, 10)}`);
    expect(await repo.git('rev-parse', 'HEAD')).toBe(head);
  });

  it('forged trailer: listed, and taken only with --include-claimed', async () => {
    await repo.git(
      '-c',
      'core.hooksPath=/dev/null',
      'commit',
      '-q',
      '--allow-empty',
      '-m',
      `By hand\n\nAgent-Txn: ${txn}`,
    );
    expect((await revert(txn, '--plan')).stdout).toMatch(/[0-9a-f]{7,} {2}only says that it belongs to it/);
    const all = await revert(txn, '--plan', '--include-claimed', '--json');
    expect((JSON.parse(all.stdout) as { units: unknown[] }).units).toHaveLength(2);
  });
});
