import { cp, readdir, readFile, rename } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { agentCommit, repoForTest } from '../../support/recorded.ts';
import { repoAt, type TestRepo, writeScript } from '../../support/repo.ts';
import { expectSealed } from '../../support/seal.ts';

/** With git-agent-log, in a clone that has a hook of the user's own, or none. */
async function installedRepo(own: boolean): Promise<TestRepo> {
  const repo = await repoForTest();
  if (own) await writeScript(repo.path('.git/hooks/pre-commit'), '#!/bin/sh\ntouch .git/theirs-ran\n');
  expect((await repo.run(['init'])).code).toBe(0);
  return repo;
}

it.each([false, true])(
  'a repository that was moved (own hook: %s): init mends it, uninit leaves nothing',
  async (own) => {
    const repo = await installedRepo(own);
    await rename(repo.dir, repo.path('..', 'moved'));
    const moved = repoAt(repo.path('..', 'moved'), repo.home);
    const doctor = await moved.run(['doctor']);
    expect([doctor.code, doctor.stdout]).toEqual([
      1,
      expect.stringMatching(/^bad +git hooks +the repository was moved/m),
    ]);
    expect((await moved.run(['init'])).code).toBe(0);
    expect((await moved.run(['doctor'])).stdout).not.toMatch(/^bad/m);
    if (own) {
      await moved.commit('By hand', { 'a.txt': 'a\n' });
      expect(await readdir(moved.path('.git'))).toContain('theirs-ran');
    }
    expect((await moved.run(['uninit'])).code).toBe(0);
    expect((await readdir(moved.path('.git/hooks'))).filter((name) => !name.endsWith('.sample'))).toEqual(
      own ? ['pre-commit'] : [],
    );
    expect(await readdir(moved.dir)).not.toContain('.claude');
    expect(await readFile(moved.path('.git/config'), 'utf8')).not.toMatch(/hooksPath|agentLog/i);
  },
);

it.each([false, true])(
  'uninit in a copy (own hook: %s) takes nothing from the repository it was made of',
  async (own) => {
    const repo = await installedRepo(own);
    await cp(repo.dir, repo.path('..', 'copy'), { recursive: true });
    const copy = repoAt(repo.path('..', 'copy'), repo.home);
    const before = (await repo.run(['doctor'])).stdout;
    const { code, stdout } = await copy.run(['uninit']);
    expect([code, stdout]).toEqual([0, expect.not.stringContaining(repo.dir)]);
    expect((await repo.run(['doctor'])).stdout).toBe(before);
    expect(await readdir(copy.dir)).not.toContain('.claude');
    expect((await readdir(copy.path('.git/hooks'))).filter((name) => !name.endsWith('.sample'))).toEqual(
      own ? ['pre-commit'] : [],
    );
    expect(await readFile(copy.path('.git/config'), 'utf8')).not.toMatch(/hooksPath|agentLog/i);
  },
);

it('an agent at work in a copy: its commit is sealed, and nothing is put into the repository it was made of', async () => {
  const repo = await installedRepo(false);
  const before = await readdir(repo.path('.git/hooks'));
  await cp(repo.dir, repo.path('..', 'copy'), { recursive: true });
  const copy = repoAt(repo.path('..', 'copy'), repo.home);
  await agentCommit(copy, 'Add a', { 'a.txt': 'a\n' });
  await expectSealed(copy);
  expect(await readdir(repo.path('.git/hooks'))).toEqual(before);
});
