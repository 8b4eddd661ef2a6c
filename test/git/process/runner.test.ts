import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gitEnvironment, gitText, runGit } from '../../../lib/git/process/runner.ts';
import { parseConfig, readConfig } from '../../../lib/git/repository/config.ts';
import { currentBranch, findRepository } from '../../../lib/git/repository/repository.ts';
import { makeRepo, repoAt, type TestRepo } from '../../support/repo.ts';

let repo: TestRepo;
beforeAll(async () => {
  repo = await makeRepo();
});
afterAll(() => repo.remove());

describe('runGit', () => {
  it('gives an answer for the exit codes that are answers, and fails with what git said for others', async () => {
    const args = ['rev-parse', '--verify', '--quiet', 'none'];
    expect((await runGit({ cwd: repo.dir }, { args, okCodes: [1] })).code).toBe(1);
    await expect(runGit({ cwd: repo.dir }, { args })).rejects.toMatchObject({
      code: 'GIT_FAILED',
      kind: 'system',
    });
    await expect(runGit({ cwd: repo.dir }, { args: ['cat-file', '-p', 'none'] })).rejects.toThrow(
      /Not a valid object name/,
    );
  });

  it('tells why git failed, not what it warned of before', async () => {
    const env = { GIT_GRAFT_FILE: repo.path('../grafts') };
    await writeFile(env.GIT_GRAFT_FILE, '');
    const args = ['log', 'HEAD~7..HEAD', '--'];
    await expect(runGit({ cwd: repo.dir }, { args, env })).rejects.toThrow(
      /^git log failed \(128\): fatal: bad revision 'HEAD~7\.\.HEAD'$/,
    );
  });

  it('feeds and reads more than a pipe holds', async () => {
    const big = Buffer.alloc(3_000_000, 'x');
    const { stdout } = await runGit({ cwd: repo.dir }, { args: ['stripspace'], stdin: big });
    expect(stdout).toHaveLength(big.length + 1);
  });

  it('survives a git that does not read what it is fed', async () => {
    const stdin = Buffer.alloc(3_000_000);
    await expect(
      runGit({ cwd: repo.dir }, { args: ['hash-object', '--no-such-flag'], stdin }),
    ).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });

  it('says it when the folder is not there', async () => {
    await expect(gitText({ cwd: '/nonexistent' }, 'version')).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: 'there is no folder /nonexistent',
      hints: [expect.stringContaining('-C <dir>')],
    });
  });

  it("drops what ties a process to the caller's repository only where another is meant", () => {
    process.env['GIT_INDEX_FILE'] = 'x';
    try {
      expect(gitEnvironment({ cwd: '.' })['GIT_INDEX_FILE']).toBe('x');
      expect(gitEnvironment({ cwd: '.', foreign: true })['GIT_INDEX_FILE']).toBeUndefined();
    } finally {
      delete process.env['GIT_INDEX_FILE'];
    }
  });

  it('knows every variable git calls local', async () => {
    const names = (await repo.git('rev-parse', '--local-env-vars'))
      .split('\n')
      .filter((name) => name !== 'GIT_NO_REPLACE_OBJECTS');
    for (const name of names) process.env[name] = 'set';
    try {
      const env = gitEnvironment({ cwd: '.', foreign: true });
      expect(names.filter((name) => env[name] !== undefined)).toEqual([]);
    } finally {
      for (const name of names) delete process.env[name];
    }
  });
});

describe('findRepository', () => {
  it('finds the folders of a worktree, a linked one and a bare repository', async () => {
    await repo.write('sub/file', 'x');
    expect(await findRepository({ cwd: repo.path('sub') })).toMatchObject({
      gitDir: repo.path('.git'),
      commonDir: repo.path('.git'),
      top: repo.dir,
      format: 'sha1',
    });
    await repo.git('worktree', 'add', '-q', '../linked-worktree', '-b', 'a/topic');
    const linked = await findRepository({ cwd: repo.path('..', 'linked-worktree') });
    expect(linked.commonDir).toBe(repo.path('.git'));
    expect(linked.gitDir).toBe(repo.path('.git', 'worktrees', 'linked-worktree'));
    expect(await currentBranch(linked)).toBe('a/topic');
    await repo.git('clone', '-q', '--bare', '.', '../bare.git');
    expect(await findRepository({ cwd: repo.path('..', 'bare.git') })).toMatchObject({ top: null });
  });

  it('says it when there is none, and what to do', async () => {
    await expect(findRepository({ cwd: '/' })).rejects.toMatchObject({
      code: 'NOT_A_REPOSITORY',
      hints: [expect.stringContaining('-C')],
    });
  });

  it('knows a detached HEAD', async () => {
    const clone = repoAt(repo.path('..', 'detached'), repo.home);
    await repo.git('clone', '-q', '.', clone.dir);
    await clone.git('switch', '-q', '--detach');
    expect(await currentBranch(await findRepository({ cwd: clone.dir }))).toBeNull();
  });
});

describe('readConfig', () => {
  it('reads whole values, last one first, and nothing of other sections', async () => {
    await repo.git('config', 'agentLog.sponsor', 'A <a@b>');
    await repo.git('config', '--add', 'agentLog.sponsor', 'B\n <b@c>');
    await repo.git('config', 'other.key', 'x');
    const config = await readConfig({ cwd: repo.dir }, ['agentlog', 'user']);
    expect(config.get('agentlog.sponsor')).toBe('B\n <b@c>');
    expect(config.get('user.name')).toBe('Jane Doe');
    expect(config.has('other.key')).toBe(false);
  });

  it('reads a key without a value as true', () => {
    expect(parseConfig('a.b\0c.d\n\0')).toEqual(
      new Map([
        ['a.b', 'true'],
        ['c.d', ''],
      ]),
    );
  });
});
