import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { makeRepo, type TestRepo } from '../support/repo.ts';
import { schemaProblems } from '../support/schema.ts';

const REVERT = fileURLToPath(new URL('../../bin/git-agent-revert', import.meta.url));

interface Scene {
  readonly repo: TestRepo;
  readonly txn: string;
  /** The agent's commit on its own branch. */
  readonly own: string;
}

/** An agent's commit on a branch of its own, and a person's on main. */
async function onTopic(): Promise<Scene> {
  const repo = await makeRepo();
  onTestFinished(() => repo.remove());
  await repo.run(['init', '--agents', 'none']);
  await repo.git('checkout', '-q', '-b', 'topic');
  const begun = await repo.run(['begin', '--task', 'Add a file', '--agent', 'tester', '--json']);
  const { txn } = JSON.parse(begun.stdout) as { txn: string };
  const own = await repo.commit('Add it', { one: 'agent\n' });
  await repo.run(['end']);
  await repo.git('checkout', '-q', 'main');
  await repo.commit('By hand', { other: 'person\n' });
  return { repo, txn, own };
}

/** Takes it back or brings it back, and gives the commit that does. */
async function turn(repo: TestRepo, ...args: string[]): Promise<string> {
  const { code, stderr } = await repo.exec(REVERT, args);
  expect(code, stderr).toBe(0);
  return repo.git('rev-parse', 'HEAD');
}

async function revertsShown(repo: TestRepo, name: string): Promise<string[]> {
  const document = JSON.parse((await repo.run(['show', '--json', name])).stdout) as {
    reverts: { commit: string }[];
  };
  expect(schemaProblems(document)).toEqual([]);
  return document.reverts.map(({ commit }) => commit);
}

it.each([
  ['a merge', ['merge', '-q', '--no-ff', '-m', 'Merge', 'topic']],
  ['a cherry-pick', ['cherry-pick', 'topic']],
])(
  'what %s brought and agent-revert took back is shown so, by commit and by transaction',
  async (_, land) => {
    const { repo, txn, own } = await onTopic();
    await repo.git(...land);
    const landed = await repo.git('rev-parse', 'HEAD');
    const back = await turn(repo, txn);
    expect(await revertsShown(repo, own)).toEqual([back]);
    expect(await revertsShown(repo, landed)).toEqual([back]);
    for (const name of [own, txn])
      expect((await repo.run(['show', name])).stdout).toMatch(
        new RegExp(`^ {2}reverted by +${back.slice(0, 7)}`, 'm'),
      );
  },
);

it('what came with the same merge and stays is not told to be reverted', async () => {
  const { repo, txn } = await onTopic();
  await repo.git('checkout', '-q', 'topic');
  const begun = await repo.run(['begin', '--task', 'Another', '--agent', 'tester', '--json']);
  const { txn: other } = JSON.parse(begun.stdout) as { txn: string };
  const stays = await repo.commit('Add another', { two: 'agent\n' });
  await repo.run(['end']);
  await repo.git('checkout', '-q', 'main');
  await repo.git('merge', '-q', '--no-ff', '-m', 'Merge', 'topic');
  const back = await turn(repo, txn);
  expect(await revertsShown(repo, stays)).toEqual([]);
  expect((await repo.run(['show', other])).stdout).not.toContain('reverted by');
  expect((await repo.run(['show', txn])).stdout).toContain(back.slice(0, 7));
});

it('a second revert, of what was brought back, is told last', async () => {
  const { repo, txn, own } = await onTopic();
  await repo.git('merge', '-q', '--no-ff', '-m', 'Merge', 'topic');
  const first = await turn(repo, txn);
  const brought = await turn(repo, '--reland', txn);
  const second = await turn(repo, txn);
  expect(await revertsShown(repo, own)).toEqual([first, second]);
  for (const name of [own, txn]) {
    const { stdout } = await repo.run(['show', name]);
    const told = [...stdout.matchAll(/^ {2}(reverted by|back by) +(\w+)/gm)];
    expect(
      told.map(([, what, by = '-']) => [
        what,
        [first, brought, second].findIndex((one) => one.startsWith(by)),
      ]),
    ).toEqual([
      ['reverted by', 0],
      ['back by', 1],
      ['reverted by', 2],
    ]);
  }
});
