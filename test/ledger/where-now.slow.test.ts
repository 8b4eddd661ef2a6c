import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { relink } from '../../lib/capture/relink.ts';
import { readCommit } from '../../lib/git/objects/objects.ts';
import { findRepository } from '../../lib/git/repository/repository.ts';
import { landedRecords } from '../../lib/ledger/binding/landed.ts';
import { appendLandings } from '../../lib/ledger/binding/landings.ts';
import { resolveCommit } from '../../lib/ledger/binding/resolve.ts';
import { type Ledger, openLedger } from '../../lib/ledger/ledger.ts';
import { findTxn } from '../../lib/ledger/reading/txn.ts';
import { scanCommits } from '../../lib/oversight/scan.ts';
import { type AgentCommit, agentCommit } from '../support/agent-commits.ts';
import { IDENTITY, landing, NOW } from '../support/records.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';

let repo: TestRepo;
let ledger: Ledger;
beforeEach(async () => {
  repo = await makeRepo();
  ledger = openLedger(await findRepository({ cwd: repo.dir }));
  await repo.git('branch', 'base');
});
afterEach(async () => {
  ledger.close();
  await repo.remove();
});

const txnOf = ({ record }: AgentCommit): string => record.record.txn;

async function relinkAll(): Promise<void> {
  await relink(ledger, { identity: IDENTITY, now: NOW });
}

async function forge(made: AgentCommit, revision: string): Promise<void> {
  const commit = await readCommit(ledger.reader, revision);
  const { oid = '', parents = [], tree = '' } = commit ?? {};
  const line = landing({
    txn: txnOf(made),
    record: made.record.digest,
    from: made.oid,
    commit: oid,
    parents: [...parents],
    tree,
    via: 'post-rewrite',
  });
  await appendLandings(ledger, [line], { identity: IDENTITY, message: 'test\n' });
}

async function landedOn(): Promise<string[]> {
  const found: string[] = [];
  for await (const { object, stored } of landedRecords(ledger)) found.push(`${object} ${stored.digest}`);
  return found;
}

async function evidenceOf(revision: string): Promise<{ authorship: string; has: readonly string[] }> {
  for await (const { authorship, has } of scanCommits(ledger, [revision])) return { authorship, has };
  throw new Error('no commit');
}

describe('where the work is now', () => {
  it('a transaction is the commits its work was squashed and rebased into, and tells what they were', async () => {
    const one = await agentCommit(repo, ledger, { a: '1\n' });
    const two = await agentCommit(repo, ledger, { a: '2\n' }, { after: one });
    await repo.git('branch', 'topic');
    expect(await findTxn(ledger, txnOf(one))).toEqual({ txn: txnOf(one), commits: [one.oid, two.oid] });
    await repo.git('checkout', '-q', '-B', 'main', 'base');
    await repo.commit('Moved on', { m: 'm\n' });
    await repo.git('merge', '-q', '--squash', 'topic');
    await repo.git('commit', '-q', '-m', 'Title alone');
    await relinkAll();
    expect(await findTxn(ledger, txnOf(one)), 'the topic branch is still there').toEqual({
      txn: txnOf(one),
      commits: [await repo.git('rev-parse', 'HEAD')],
      formerCommits: [one.oid, two.oid],
    });
  });

  it('a pick that another branch has beside its own is the same work: on the branch you are on', async () => {
    const made = await agentCommit(repo, ledger, { a: '1\n' });
    await repo.git('checkout', '-q', '-b', 'release', 'base');
    await repo.commit('Release', { m: 'm\n' });
    await repo.git('cherry-pick', made.oid);
    const picked = await repo.git('rev-parse', 'HEAD');
    await relinkAll();
    expect((await findTxn(ledger, txnOf(made)))?.commits).toEqual([picked]);
    await repo.git('checkout', '-q', 'main');
    expect((await findTxn(ledger, txnOf(made)))?.commits).toEqual([made.oid]);
  });

  it('a dropped commit stays where it was made', async () => {
    const made = await agentCommit(repo, ledger, { a: '1\n' });
    await repo.git('reset', '-q', '--hard', 'base');
    await relinkAll();
    expect(await findTxn(ledger, txnOf(made))).toEqual({ txn: txnOf(made), commits: [made.oid] });
  });

  it('a squash of two transactions is told as that of the one asked for', async () => {
    const one = await agentCommit(repo, ledger, { a: '1\n' });
    const other = await agentCommit(repo, ledger, { b: '1\n' });
    await repo.git('reset', '-q', '--soft', 'base');
    await repo.git('commit', '-q', '-m', 'Both');
    await relinkAll();
    for (const made of [one, other]) {
      const found = await resolveCommit(ledger, 'HEAD', ({ record }) => record.txn === txnOf(made));
      expect(found).toMatchObject({ binding: 'squashed', record: { digest: made.record.digest } });
    }
  });

  it('scan finds the evidence of a rebased commit', async () => {
    const made = await agentCommit(repo, ledger, { a: '1\n' });
    await repo.git('checkout', '-q', '-B', 'main', 'base');
    await repo.commit('Moved on', { m: 'm\n' });
    await repo.git('cherry-pick', made.oid);
    await repo.git('commit', '-q', '--amend', '-m', 'Typed away');
    expect(await evidenceOf('HEAD')).toEqual({ authorship: 'human', has: [] });
    await relinkAll();
    expect(await landedOn()).toEqual([`${await repo.git('rev-parse', 'HEAD')} ${made.record.digest}`]);
    expect(await evidenceOf('HEAD')).toEqual({ authorship: 'agent', has: ['record', 'sponsor', 'model'] });
  });

  it("a forged landing makes a person's commit neither an agent's nor part of a transaction", async () => {
    const made = await agentCommit(repo, ledger, { a: '1\n' });
    const mine = await repo.commit('By hand', { mine: 'x\n' });
    await forge(made, mine);
    expect(await landedOn()).toEqual([]);
    expect(await evidenceOf(mine)).toEqual({ authorship: 'human', has: [] });
    expect(await findTxn(ledger, txnOf(made))).toEqual({ txn: txnOf(made), commits: [made.oid] });
    await repo.git('reset', '-q', '--hard', 'base');
    expect((await findTxn(ledger, txnOf(made)))?.commits, 'also where all of it was left behind').toEqual([
      made.oid,
    ]);
    expect((await resolveCommit(ledger, made.oid))?.supersededBy).toEqual([]);
  });
});
