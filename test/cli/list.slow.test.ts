import { describe, expect, it } from 'vitest';
import { agentCommit, agentGit, recorded } from '../support/recorded.ts';
import type { TestRepo } from '../support/repo.ts';
import { schemaProblems } from '../support/schema.ts';

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

describe('commits that were rewritten', () => {
  async function listed(repo: TestRepo, ...args: string[]): Promise<string[]> {
    const { stdout } = await repo.run(['list', ...args]);
    return stdout.trimEnd().split('\n');
  }

  it('has one line for a commit that was amended, and says so', async () => {
    const repo = await recorded();
    const first = await agentCommit(repo, 'One', { 'a.txt': 'a\n' });
    for (const text of ['better', 'best']) {
      await repo.write('a.txt', `${text}\n`);
      await agentGit(repo, 'commit', '-q', '-a', '--amend', '-m', `The ${text} one`);
    }
    const head = await repo.git('rev-parse', 'HEAD');
    const lines = await listed(repo);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(head.slice(0, 10));
    expect(lines[0]).toMatch(/\(amended\) The bes/);
    expect(await listed(repo, 'HEAD')).toEqual(lines);
    const documents = (await listed(repo, '--json')).map((line) => JSON.parse(line) as object);
    expect(documents).toMatchObject([
      { commit: head, madeAs: head, seq: 3 },
      { commit: head, seq: 2, amends: first },
      { commit: head, madeAs: first, seq: 1, amends: null },
    ]);
    for (const document of documents) expect(schemaProblems(document)).toEqual([]);
  });

  it('keeps a line for each agent where one amended what another made', async () => {
    const repo = await recorded();
    await agentCommit(repo, 'One', { 'a.txt': 'a\n' });
    await repo.write('a.txt', 'better\n');
    const amend = 'git commit -q -a --amend --no-edit';
    await repo.run(['run', '--task', 'Better', '--agent', 'other', '--', 'sh', '-c', amend]);
    const lines = await listed(repo);
    expect(lines.map((line) => line.slice(30, 44).trim())).toEqual(['other', 'claude-code']);
    expect(lines[1]).toContain('(amended since) ');
  });

  it('has one line for several records that became one commit, and counts them', async () => {
    const repo = await recorded();
    await agentCommit(repo, 'One', { 'a.txt': 'a\n' });
    await agentCommit(repo, 'Two', { 'b.txt': 'b\n' });
    await repo.git('-c', 'sequence.editor=sed -i 2s/pick/fixup/', 'rebase', '-q', '-i', 'HEAD~2');
    const lines = await listed(repo);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/\(2 records\) One$/);
    expect(await listed(repo, '--json')).toHaveLength(2);
  });
});

describe('a range', () => {
  /** An agent's commit on a branch, which a host then put on main without anybody of ours there. */
  async function pickedByHost(repo: TestRepo, branch: string): Promise<string> {
    await repo.git('checkout', '-q', branch);
    await repo.commit('Meanwhile', { [`on-${branch}`]: 'x\n' });
    await repo.git('-c', 'core.hooksPath=/dev/null', 'cherry-pick', 'topic');
    return repo.git('rev-parse', 'HEAD');
  }

  it('has what a host picked, before anybody linked it', async () => {
    const repo = await recorded();
    await repo.git('checkout', '-q', '-b', 'topic');
    const made = await agentCommit(repo, 'Work', { 'a.txt': 'a\n' });
    const picked = await pickedByHost(repo, 'main');
    const { stdout } = await repo.run(['list', '--json', 'HEAD~2..HEAD']);
    expect(JSON.parse(stdout)).toMatchObject({ commit: picked, madeAs: made, sealed: true });
    expect((await repo.run(['export', 'csv', 'HEAD~2..HEAD'])).stdout.split('\n')).toHaveLength(3);
    const { stdout: traced } = await repo.run(['export', 'agent-trace', 'HEAD~2..HEAD']);
    expect(JSON.parse(traced)).toMatchObject({ vcs: { revision: picked } });
    expect((await repo.run(['list', '--json', 'HEAD~2..HEAD~1'])).stdout).toBe('');
  });

  it('has each record once, with the commit it was made as where that is in it, else the first', async () => {
    const repo = await recorded();
    await repo.git('branch', 'other');
    await repo.git('checkout', '-q', '-b', 'topic');
    const made = await agentCommit(repo, 'Work', { 'a.txt': 'a\n' });
    await pickedByHost(repo, 'other');
    await pickedByHost(repo, 'main');
    await repo.git('merge', '-q', '--no-ff', '-m', 'Merge other', 'other');
    const [first = ''] = (
      await repo.git('rev-list', '--reverse', '--no-merges', '--grep=Work', 'HEAD')
    ).split('\n');
    await repo.run(['relink', 'HEAD']);
    const listed = async (...args: string[]): Promise<object> =>
      JSON.parse((await repo.run(['list', '--json', ...args])).stdout) as object;
    expect(await listed('topic..HEAD')).toMatchObject({ commit: first });
    expect(await listed('--txn', 'topic..HEAD')).toMatchObject({ records: 1, commits: 1 });
    await repo.git('merge', '-q', '--no-ff', '-m', 'Merge topic', 'topic');
    expect(await listed('HEAD')).toMatchObject({ commit: made });
  });
});
