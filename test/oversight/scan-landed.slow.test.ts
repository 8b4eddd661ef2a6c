import { expect, it } from 'vitest';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import { newSummary, type ScannedCommit, scanCommits } from '../../lib/oversight/scan.ts';
import { findingsOf } from '../../lib/oversight/scan-findings.ts';
import { agentCommit } from '../support/agent-commits.ts';
import { onBranch, scene } from '../support/revert.ts';

async function scanned(ledger: Ledger, range: string): Promise<ScannedCommit[]> {
  const all: ScannedCommit[] = [];
  for await (const commit of scanCommits(ledger, [range])) all.push(commit);
  return all;
}

it('finds the record of a commit that a host rebased, before anybody linked it', async () => {
  const made = await scene();
  await onBranch(made, 'topic', () => made.agent({ a: 'a\n' }));
  await made.person({ b: 'b\n' });
  await made.repo.git('rebase', '-q', 'main', 'topic');
  const commits = await scanned(made.ledger, 'main..topic');
  const totals = newSummary();
  for (const commit of commits) totals.add(commit);
  expect(commits[0]?.has).toEqual(expect.arrayContaining(['record', 'seal']));
  expect(totals.summary()).toMatchObject({ agent: 1, recorded: 1 });
  expect(commits.flatMap(findingsOf).map(({ type }) => type)).not.toContain('provenance-missing');
});

it('attack: a trailer of somebody else’s work over other content is no record', async () => {
  const { repo, ledger } = await scene();
  const { seal } = await agentCommit(repo, ledger, { a: 'a\n' });
  await repo.commit(`Forged\n\n${seal}`, { b: 'b\n' });
  const commits = await scanned(ledger, 'HEAD~1..HEAD');
  expect(commits).toMatchObject([{ authorship: 'agent', has: [] }]);
  expect(commits.flatMap(findingsOf)).toMatchObject([{ type: 'provenance-missing' }]);
});
