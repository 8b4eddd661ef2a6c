import { describe, expect, it } from 'vitest';
import type { DecisionRecord } from '../../../lib/core/records/record.ts';
import type { Basis, JudgedDecision } from '../../../lib/identity/decisions.ts';
import { decisionRecords } from '../../../lib/policy/decision-records.ts';
import type { CheckFact } from '../../../lib/policy/facts.ts';
import { earlierChecks } from '../../../lib/policy/gather/earlier-checks.ts';
import { SUBJECT } from '../../support/approvals.ts';
import { NOW } from '../../support/records.ts';

function imported(
  name: string,
  result: DecisionRecord['result'],
  basis: Basis,
  tool = 'conftest',
): JudgedDecision {
  const [stored] = decisionRecords(
    [
      {
        rule: name,
        severity: 'high',
        enforce: 'deny',
        result,
        message: null,
        clauses: [],
        controls: [],
        policy: null,
        inputs: `sha256:${'e'.repeat(64)}`,
        source: { kind: 'import', tool, version: null },
      },
    ],
    {
      run: '01JD2M0Y5V9Z8K7Q3C4N6T1RWE',
      stage: 'mr',
      subject: SUBJECT,
      txns: [],
      classes: [],
      prev: null,
      by: null,
      now: NOW,
    },
  );
  if (stored === undefined) throw new Error('no decision was made');
  return { told: { object: SUBJECT.head, stored, signatures: [] }, basis, signedBy: null };
}

function results(decisions: readonly JudgedDecision[], now: readonly CheckFact[] = []): string[] {
  return earlierChecks(decisions, now).map(({ name, result, trust }) => `${name} ${result} ${trust}`);
}

describe('checks that were taken in before', () => {
  it('the last of a name and tool counts', () => {
    expect(
      results([
        imported('deps', 'pass', 'imported'),
        imported('deps', 'fail', 'imported'),
        imported('deps', 'pass', 'imported', 'opa'),
      ]),
    ).toEqual(['deps fail imported', 'deps pass imported']);
  });

  it('attack: a pass that nobody stands behind takes no place of a pipeline’s failure', () => {
    expect(results([imported('deps', 'fail', 'imported'), imported('deps', 'pass', 'asserted')])).toEqual([
      'deps fail imported',
    ]);
  });

  it('attack: an old pass does not count beside a failure that is taken in now', () => {
    const now: CheckFact = { name: 'deps', tool: 'conftest', result: 'fail', trust: 'imported' };
    expect(results([imported('deps', 'pass', 'imported')], [now])).toEqual([]);
  });
});
