import { expect, it } from 'vitest';
import { findRepository } from '../../lib/git/repository/repository.ts';
import { type Ledger, openLedger } from '../../lib/ledger/ledger.ts';
import { newSummary, type ScannedCommit, scanCommits } from '../../lib/oversight/scan.ts';
import { findingsOf } from '../../lib/oversight/scan-findings.ts';
import { agentCommit } from '../support/agent-commits.ts';
import { repoForTest } from '../support/recorded.ts';
import type { TestRepo } from '../support/repo.ts';

async function withLedger<T>(repo: TestRepo, use: (ledger: Ledger) => Promise<T>): Promise<T> {
  const ledger = openLedger(await findRepository({ cwd: repo.dir, foreign: true }));
  try {
    return await use(ledger);
  } finally {
    ledger.close();
  }
}

async function scanned(ledger: Ledger, range: string): Promise<ScannedCommit[]> {
  const all: ScannedCommit[] = [];
  for await (const commit of scanCommits(ledger, [range])) all.push(commit);
  return all;
}

it('finds the record of a commit that a host rebased, before anybody linked it', async () => {
  const repo = await repoForTest();
  await withLedger(repo, async (ledger) => {
    await repo.git('checkout', '-q', '-b', 'topic');
    await agentCommit(repo, ledger, { a: 'a\n' });
    await repo.git('checkout', '-q', 'main');
    await repo.commit('Meanwhile', { b: 'b\n' });
    await repo.git('rebase', '-q', 'main', 'topic');
    const commits = await scanned(ledger, 'main..topic');
    const totals = newSummary();
    for (const commit of commits) totals.add(commit);
    expect(commits[0]?.has).toEqual(expect.arrayContaining(['record', 'seal']));
    expect(totals.summary()).toMatchObject({ agent: 1, recorded: 1 });
    expect(commits.flatMap(findingsOf).map(({ type }) => type)).not.toContain('provenance-missing');
  });
});

it('attack: a trailer of somebody else’s work over other content is no record', async () => {
  const repo = await repoForTest();
  await withLedger(repo, async (ledger) => {
    const { seal } = await agentCommit(repo, ledger, { a: 'a\n' });
    await repo.commit(`Forged\n\n${seal}`, { b: 'b\n' });
    const [forged] = await scanned(ledger, 'HEAD~1..HEAD');
    expect(forged).toMatchObject({ authorship: 'agent', has: [] });
    expect(forged === undefined ? [] : findingsOf(forged)).toMatchObject([{ type: 'provenance-missing' }]);
  });
});
