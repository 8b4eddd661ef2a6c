import { expect, it } from 'vitest';
import { agentCommit, agentGit, recorded } from '../support/recorded.ts';

it('counts the commits of a transaction, not its records: an amended one is one', async () => {
  const repo = await recorded();
  await repo.git('checkout', '-q', '-b', 'topic');
  await agentCommit(repo, 'One', { 'a.txt': 'a\n' });
  await agentCommit(repo, 'Two', { 'b.txt': 'b\n' });
  await repo.write('b.txt', 'better\n');
  await agentGit(repo, 'commit', '-q', '-a', '--amend', '--no-edit');
  const json = JSON.parse((await repo.run(['list', '--txn', '--json'])).stdout) as object;
  expect(json).toMatchObject({ records: 3, commits: 2 });
  expect((await repo.run(['list', '--txn'])).stdout).toMatch(/ {2}2 commits {3}/);
});
