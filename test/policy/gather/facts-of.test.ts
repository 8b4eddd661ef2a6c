import { describe, expect, it } from 'vitest';
import { encodeRecord, parseLine, type ReplayRecord } from '../../../lib/core/records/record.ts';
import { newUlid } from '../../../lib/core/ulid.ts';
import type { Gathered } from '../../../lib/policy/gather/facts-of.ts';
import { factsOf } from '../../../lib/policy/gather/facts-of.ts';
import type { RangeCommit } from '../../../lib/policy/gather/range-commits.ts';
import { CI_KEY, JANE_KEY, SUBJECT, testRoster } from '../../support/approvals.ts';
import { executionRecord, NOW } from '../../support/records.ts';
import { signatureOf, type TestKey } from '../../support/ssh-keys.ts';

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
    records: [],
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
    const facts = change([
      commit({ isAgent: true, records: [{ digest: 'sha256:1', record }], binding: 'exact', sealed: false }),
    ]);
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

  it('a replay is evaluated where a pipeline of the target signed it, and else asserted; the last of each mode counts', () => {
    const record = executionRecord();
    const facts = (...lines: readonly string[]) => {
      const note = { object: 'a'.repeat(40), text: '', lines: lines.map(parseLine), paths: [] };
      return change([
        commit({ isAgent: true, records: [{ digest: 'sha256:1', record }], binding: 'exact', note }),
      ]).replays;
    };
    const one = (verdict: ReplayRecord['verdict'], at: number, key?: TestKey): string[] => {
      const { line, digest } = encodeRecord(replay(record.txn, verdict, at));
      return key === undefined ? [line] : [line, encodeRecord(signatureOf(key, digest)).line];
    };
    const told = (verdict: string, trust: string) => [{ txn: record.txn, mode: 'verify', verdict, trust }];
    expect(facts(...one('identical', 0))).toEqual(told('identical', 'asserted'));
    expect(facts(...one('identical', 0, JANE_KEY))).toEqual(told('identical', 'asserted'));
    expect(facts(...one('identical', 0, CI_KEY))).toEqual(told('identical', 'evaluated'));
    expect(facts(...one('divergent', 1, CI_KEY), ...one('identical', 0, CI_KEY))).toEqual(
      told('divergent', 'evaluated'),
    );
    // What anybody may have written takes no place of it, however late.
    expect(facts(...one('divergent', 0, CI_KEY), ...one('identical', 1))).toEqual(
      told('divergent', 'evaluated'),
    );
  });
});

function replay(txn: string, verdict: ReplayRecord['verdict'], at: number): ReplayRecord {
  return {
    schema: 'agent-log/replay/v1',
    id: newUlid(NOW + at),
    txn,
    record: null,
    commit: 'a'.repeat(40),
    mode: 'verify',
    verdict,
    binding: 'exact',
    sealed: true,
    coverage: { callsTotal: 0, executed: 0, stubbed: 0, skipped: 0 },
    environment: { git: '2', node: '20', platform: 'linux', arch: 'x64' },
    differences: [],
    missing: [],
    problems: [],
    by: { name: 'Jane Doe', email: 'jane@example.com' },
    recordedAt: new Date(NOW + at).toISOString(),
  };
}
