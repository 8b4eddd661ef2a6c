import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DecisionRecord, encodeRecord, type StoredRecord } from '../../lib/core/records/record.ts';
import { newUlid } from '../../lib/core/ulid.ts';
import { judgeDecisions } from '../../lib/identity/decisions.ts';
import type { Told } from '../../lib/ledger/told/told.ts';
import { decisionRecords, type Ruling } from '../../lib/policy/decision-records.ts';
import { CI_KEY, JANE_KEY, SUBJECT, testRoster } from '../support/approvals.ts';
import { NOW } from '../support/records.ts';
import { signatureOf, type TestKey } from '../support/ssh-keys.ts';

const RULING: Ruling = {
  rule: 'a',
  severity: 'high',
  enforce: 'deny',
  result: 'pass',
  message: null,
  clauses: [],
  controls: [],
  policy: null,
  inputs: `sha256:${'e'.repeat(64)}`,
  source: { kind: 'rules', tool: 'git-agent-log', version: null },
};

function check(
  rules: readonly Partial<Ruling>[],
  run: string,
  prev: string | null,
): StoredRecord<DecisionRecord>[] {
  return decisionRecords(
    rules.map((rule) => ({ ...RULING, ...rule })),
    { run, stage: 'mr', subject: SUBJECT, txns: [], classes: [], prev, by: null, now: NOW },
  );
}

function told(stored: readonly StoredRecord<DecisionRecord>[], key: TestKey | null): Told<DecisionRecord>[] {
  return stored.map((one, i) => ({
    object: SUBJECT.head,
    stored: one,
    signatures: key !== null && i === stored.length - 1 ? [signatureOf(key, one.digest)] : [],
  }));
}

const bases = (decisions: readonly Told<DecisionRecord>[]): string[] =>
  judgeDecisions(decisions, testRoster(), { now: NOW }).map(({ basis }) => basis);

describe('how far decisions are to be believed', () => {
  const run = newUlid(NOW);

  it('the signature of the last of a check vouches for those before it', () => {
    const rules = [{}, { rule: 'b' }, { rule: 'c', source: { ...RULING.source, kind: 'import' as const } }];
    expect(bases(told(check(rules, run, null), CI_KEY))).toEqual(['evaluated', 'evaluated', 'imported']);
  });

  it('nobody else vouches for any', () => {
    expect(bases(told(check([{}, {}], run, null), null))).toEqual(['asserted', 'asserted']);
    expect(bases(told(check([{}, {}], run, null), JANE_KEY))).toEqual(['asserted', 'asserted']);
  });

  it('attack: a forged decision that a later check names as the one before it is not taken along', () => {
    const forged = check([{ rule: 'forged' }], newUlid(NOW), null);
    const real = check([{}, {}], run, forged[0]?.digest ?? null);
    expect(bases([...told(forged, null), ...told(real, CI_KEY)])).toEqual([
      'asserted',
      'evaluated',
      'evaluated',
    ]);
  });

  it('attack: a decision put behind a signed one, with its run, is not vouched for', () => {
    const real = check([{ result: 'fail' }], run, null);
    const forged = check([{ result: 'pass' }], run, real[0]?.digest ?? null);
    expect(bases([...told(real, CI_KEY), ...told(forged, null)])).toEqual(['evaluated', 'asserted']);
  });

  it('attack: a changed decision takes itself and all before it out of the chain', () => {
    const [first, second] = check([{ result: 'fail' }, {}], run, null);
    if (first === undefined || second === undefined) throw new RangeError('two were made');
    const record: DecisionRecord = { ...first.record, result: 'pass' };
    const changed = { ...encodeRecord(record), record };
    expect(bases([...told([changed], null), ...told([second], CI_KEY)])).toEqual(['asserted', 'evaluated']);
  });

  it('says the same in whatever order the lines come, and as often as they do', () => {
    const all = [
      ...told(check([{}, {}, {}], run, null), CI_KEY),
      ...told(check([{}], newUlid(NOW), null), null),
    ];
    const basisOf = (decisions: readonly Told<DecisionRecord>[]): Map<string, string> =>
      new Map(
        judgeDecisions(decisions, testRoster(), { now: NOW }).map((one) => [
          one.told.stored.digest,
          one.basis,
        ]),
      );
    fc.assert(
      fc.property(fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 }), (shuffled) => {
        expect(Object.fromEntries(basisOf(shuffled))).toEqual(Object.fromEntries(basisOf(all)));
      }),
      { numRuns: 30 },
    );
  });
});
