import { describe, expect, it } from 'vitest';
import type { Gathered } from '../../../lib/policy/gather/facts-of.ts';
import { factsOf } from '../../../lib/policy/gather/facts-of.ts';
import type { RangeCommit } from '../../../lib/policy/gather/range-commits.ts';
import { SUBJECT, testRoster } from '../../support/approvals.ts';
import { executionRecord, NOW } from '../../support/records.ts';

function commit(more: Partial<RangeCommit> & { readonly message?: string } = {}): RangeCommit {
  const { message = 'A change\n', ...rest } = more;
  const logged = {
    oid: 'a'.repeat(40),
    parents: ['b'.repeat(40)],
    author: 'Jane Doe <jane@example.com>',
    committer: 'Jane Doe <jane@example.com>',
    committedAt: 0,
    message,
    paths: [],
  };
  return {
    oid: logged.oid,
    logged,
    isMerge: false,
    isAgent: false,
    agents: [],
    record: null,
    digest: null,
    binding: 'none',
    sealed: false,
    note: null,
    problems: [],
    ...rest,
  };
}

function change(commits: readonly RangeCommit[]): ReturnType<typeof factsOf>['change'] {
  const gathered: Gathered = {
    stage: 'mr',
    subject: SUBJECT,
    commits,
    behind: 0,
    files: [],
    authors: [],
    committers: [],
    sponsors: [],
    sponsorsMissing: 0,
    approvals: [],
    owners: [],
    checks: [],
    exceptions: [],
    roster: testRoster(),
    at: { now: NOW },
    now: NOW,
  };
  return factsOf(gathered).change;
}

describe('the facts of a change', () => {
  it('a person alone is no agent, and has no record to miss', () => {
    expect(change([commit()])).toMatchObject({
      by_agent: false,
      agent_commits: 0,
      unrecorded_agent_commits: 0,
      tasks_missing: 0,
      records_ok: true,
    });
  });

  it('what looks like an agent and has no record is counted, and named by its looks', () => {
    const facts = change([commit({ isAgent: true, agents: ['codex'] }), commit()]);
    expect(facts).toMatchObject({
      by_agent: true,
      agent_commits: 1,
      unrecorded_agent_commits: 1,
      agents: ['codex'],
    });
    expect([facts.tasks_missing, facts.models]).toEqual([1, []]);
  });

  it('a record that is not shown to be the commit counts for nothing, and the records are not all right', () => {
    expect(change([commit({ isAgent: true, binding: 'claimed' })])).toMatchObject({
      claimed_commits: 1,
      unrecorded_agent_commits: 1,
      records_ok: false,
    });
    expect(change([commit({ problems: ['a line can not be read'] })]).records_ok).toBe(false);
  });

  it('tells models, tools and tasks of the records', () => {
    const record = executionRecord({ task: null, model: { provider: null, name: null } });
    const facts = change([commit({ isAgent: true, record, binding: 'exact', sealed: false })]);
    expect(facts).toMatchObject({
      tasks_missing: 1,
      models_missing: 1,
      unsealed_commits: 1,
      txns: [record.txn],
    });
  });

  it('several sponsors are no one sponsor, so a rule about one can not be evaluated', () => {
    expect('sponsor' in change([commit()])).toBe(false);
  });

  it('reads which transactions are taken back from any line of a message', () => {
    const txn = '01JD2M0Y5V9Z8K7Q3C4N6T1RWE';
    expect(
      change([commit({ message: `Squash\n\n  * Reverts-Txn: ${txn.toLowerCase()}\n` })]).reverts,
    ).toEqual([txn]);
  });
});
