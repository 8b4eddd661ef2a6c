import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closingOf, type Exception, foldExceptions } from '../../../lib/core/events/exceptions.ts';
import type { LedgerEvent } from '../../../lib/core/events/order.ts';
import { type KnownPeople, NOBODY_KNOWN } from '../../../lib/core/events/people.ts';
import type { StepTrust, TrustOf } from '../../../lib/core/events/trust.ts';
import type { EventRecord } from '../../../lib/core/records/record.ts';
import { DAY, event, fingerprint, JANE, JOHN, opened, START } from '../../support/events.ts';

const OF = fingerprint('identity-unclear');
const NOW = START + 100 * DAY;
const PROOF = [`sha256:${'a'.repeat(64)}`];

function only(events: readonly LedgerEvent[], people?: KnownPeople): Exception {
  const { things } = foldExceptions(events, { now: NOW, ...(people === undefined ? {} : { people }) });
  expect([...things.keys()]).toEqual([OF]);
  return things.get(OF) as Exception;
}

function faults(events: readonly LedgerEvent[], people?: KnownPeople): string[] {
  const judging = { now: NOW, ...(people === undefined ? {} : { people }) };
  return foldExceptions(events, judging).anomalies.map(({ why }) => why);
}

/** Jane audits, nobody else. */
const AUDITED: KnownPeople = {
  canonical: ({ email }) => email,
  holds: ({ email }, role) => email === JANE.email && role === 'audit',
  anybodyHolds: (role) => role === 'audit',
};

describe('foldExceptions', () => {
  it('takes an exception from open to closed and back', () => {
    const steps = [
      opened(0),
      event(1, OF, 'exception.triaged', { owner: JOHN, severity: 'high' }),
      event(2, OF, 'exception.linked', { link: 'a'.repeat(40) }),
      event(3, OF, 'exception.evidence-submitted', { evidence: PROOF }),
      event(4, OF, 'exception.closed', { resolution: 'resolved' }),
      event(5, OF, 'exception.reopened', { cause: 'audit-follow-up' }),
    ];
    const states = steps.map((_, i) => only(steps.slice(0, i + 1)).state);
    expect(states).toEqual(['open', 'triaged', 'in-progress', 'evidence-submitted', 'closed', 'reopened']);
    expect(only(steps)).toMatchObject({
      severity: 'high',
      owner: JOHN,
      evidence: [],
      closings: [{ resolution: 'resolved', reopened: { cause: 'audit-follow-up' } }],
    });
    expect(closingOf(only(steps.slice(0, 5)))).toMatchObject({ at: START + 4 * DAY });
    expect(closingOf(only(steps))).toBeNull();
  });

  it('takes one that two found for the same, and leaves a closed one closed', () => {
    const closed = event(2, OF, 'exception.closed', { resolution: 'false-positive', text: 'a person' });
    const found = only([opened(3, 'identity-unclear', { severity: 'low' }), closed, opened(1), opened(0)]);
    expect(found).toMatchObject({ state: 'closed', openedAt: START, severity: 'medium' });
    expect(found.steps).toHaveLength(4);
  });

  it.each<[string, Partial<EventRecord>]>([
    ['needs-evidence', { resolution: 'resolved' }],
    ['needs-reason', { resolution: 'false-positive' }],
    ['needs-reason', { resolution: 'withdrawn' }],
    ['needs-link', { resolution: 'waived' }],
    ['needs-link', { resolution: 'duplicate' }],
    ['incomplete', {}],
  ])('closes nothing just so: %s', (why, more) => {
    const events = [opened(0), event(1, OF, 'exception.closed', more)];
    expect(faults(events)).toEqual([why]);
    expect(only(events).state).toBe('open');
  });

  it('a rule that passes is evidence until it fails again; evidence of a person stays', () => {
    const of = fingerprint('policy-violation', 'deps');
    const state = (...events: LedgerEvent[]): unknown =>
      foldExceptions(events, { now: NOW, trustOf: () => 'evaluated' }).things.get(of);
    const found = (day: number, detectedBy: 'check' | 'scan' = 'check'): LedgerEvent =>
      opened(day, 'policy-violation', { rule: 'deps', detectedBy, stage: day > 0 ? 'deploy' : 'merge' });
    const passes = event(1, of, 'exception.evidence-submitted', { detectedBy: 'check', evidence: PROOF });
    const shown = event(1, of, 'exception.evidence-submitted', { evidence: PROOF });
    expect(state(found(0), passes)).toMatchObject({ state: 'evidence-submitted', stage: 'merge' });
    expect(state(found(0), passes, found(2))).toMatchObject({ state: 'open', evidence: [], stage: 'deploy' });
    expect(state(found(0), passes, found(2, 'scan'))).toMatchObject({ state: 'evidence-submitted' });
    expect(state(found(0), shown, found(2))).toMatchObject({ state: 'evidence-submitted', stage: 'merge' });
  });

  it('attack: only a pipeline closes for a rule that passes, and only what a rule opened', () => {
    const closeOf = (of: string, more: Partial<EventRecord>): LedgerEvent =>
      event(1, of, 'exception.closed', {
        by: JOHN,
        resolution: 'resolved',
        detectedBy: 'check',
        evidence: PROOF,
        ...more,
      });
    const why = (first: LedgerEvent, more: Partial<EventRecord>, trust: StepTrust): string[] =>
      foldExceptions([first, closeOf(first.record.of, more)], {
        now: NOW,
        people: AUDITED,
        trustOf: () => trust,
      }).anomalies.map((one) => one.why);
    const ofRule = opened(0, 'policy-violation', { rule: 'deps', severity: 'high' });
    expect(why(ofRule, {}, 'evaluated')).toEqual([]);
    expect(why(ofRule, {}, 'asserted')).toEqual(['needs-auditor']);
    expect(why(ofRule, { detectedBy: 'scan' }, 'evaluated')).toEqual(['needs-auditor']);
    expect(why(ofRule, { resolution: 'false-positive', text: 'x' }, 'evaluated')).toEqual(['needs-auditor']);
    expect(why(opened(0, 'record-invalid', { severity: 'critical' }), {}, 'evaluated')).toEqual([
      'needs-auditor',
    ]);
  });

  it('counts evidence of before a re-opening no more', () => {
    const events = [
      opened(0),
      event(1, OF, 'exception.closed', { resolution: 'resolved', evidence: PROOF }),
      event(2, OF, 'exception.reopened', { cause: 'evidence-invalid' }),
      event(3, OF, 'exception.closed', { resolution: 'resolved' }),
    ];
    expect(faults(events)).toEqual(['needs-evidence']);
    expect(only(events).state).toBe('reopened');
  });

  it('keeps what does not fit in sight, and changes nothing by it', () => {
    const stray = 'f'.repeat(64);
    const events = [
      opened(0),
      event(1, stray, 'exception.closed', { resolution: 'withdrawn', text: 'x' }),
      event(1, OF, 'exception.reopened', { cause: 'regression' }),
      event(99, OF, 'exception.triaged', { recordedAt: '2999-01-01T00:00:00Z' }),
      event(2, OF, 'exception.triaged', { recordedAt: '2026-99-99T00:00:00Z' }),
      event(3, stray, 'exception.opened', { type: 'identity-unclear', severity: 'info', detectedBy: 'scan' }),
    ];
    expect(faults(events).sort()).toEqual(
      ['from-the-future', 'no-time', 'not-closed', 'unknown', 'wrong-name'].sort(),
    );
    expect(only(events).state).toBe('open');
  });

  it('lets only auditors re-open where there are any, and what found it again', () => {
    const closed = event(1, OF, 'exception.closed', { resolution: 'withdrawn', text: 'x' });
    const again = (more: Partial<EventRecord>): LedgerEvent[] => [
      opened(0),
      closed,
      event(2, OF, 'exception.reopened', { cause: 'regression', ...more }),
    ];
    expect(faults(again({ by: JOHN }), AUDITED)).toEqual(['needs-role']);
    expect(faults(again({ by: JOHN, detectedBy: 'person' }), AUDITED)).toEqual(['needs-role']);
    expect(faults(again({ by: JOHN, detectedBy: 'scan', cause: 'audit-follow-up' }), AUDITED)).toEqual([
      'needs-role',
    ]);
    expect(faults(again({ by: JOHN, detectedBy: 'scan' }), AUDITED)).toEqual([]);
    expect(faults(again({ by: JANE }), AUDITED)).toEqual([]);
    expect(faults(again({ by: JOHN }))).toEqual([]);
  });

  it('attack: where somebody audits, a grave one is closed, or called less grave, with their signature alone', () => {
    const close = (by: typeof JANE) =>
      event(1, OF, 'exception.closed', { by, resolution: 'false-positive', text: 'x' });
    const ease = event(1, OF, 'exception.triaged', { by: JANE, severity: 'low' });
    const told = (
      steps: readonly LedgerEvent[],
      trust: StepTrust,
      people: KnownPeople = AUDITED,
    ): [string, string, string[]] => {
      const { things, anomalies } = foldExceptions(steps, { now: NOW, people, trustOf: () => trust });
      const { state = '', severity = '' } = things.get(OF) ?? {};
      return [state, severity, anomalies.map(({ why }) => why)];
    };
    const high = opened(0, 'identity-unclear', { severity: 'high' });
    expect(told([high, close(JANE)], 'attested')).toEqual(['closed', 'high', []]);
    for (const trust of ['asserted', 'evaluated'] as const) {
      expect(told([high, close(JANE)], trust)).toEqual(['open', 'high', ['needs-auditor']]);
      expect(told([high, ease], trust)).toEqual(['open', 'high', ['needs-auditor']]);
    }
    expect(told([high, close(JOHN)], 'attested')[2]).toEqual(['needs-auditor']);
    expect(told([high, ease], 'attested')).toEqual(['triaged', 'low', []]);
    expect(told([opened(0), close(JOHN)], 'asserted')).toEqual(['closed', 'medium', []]);
    expect(told([high, close(JOHN)], 'asserted', NOBODY_KNOWN)).toEqual(['closed', 'high', []]);
    // Without anybody who looks at signatures, none is there.
    expect(faults([high, close(JANE)], AUDITED)).toEqual(['needs-auditor']);
  });

  it('attack: who opens a violation as if it were nothing can not close it for that', () => {
    const of = fingerprint('policy-violation', 'deps');
    const first = opened(0, 'policy-violation', { rule: 'deps', severity: 'info' });
    const close = event(1, of, 'exception.closed', { by: JOHN, resolution: 'withdrawn', text: 'x' });
    const why = (trustOf: TrustOf) =>
      foldExceptions([first, close], { now: NOW, people: AUDITED, trustOf }).anomalies.map((one) => one.why);
    expect(why(() => 'asserted')).toEqual(['needs-auditor']);
    // Where a pipeline says that the rule is of no weight, it is not.
    expect(why((digest) => (digest === first.digest ? 'evaluated' : 'asserted'))).toEqual([]);
  });

  it('says how far each state is to be believed: as far as the step that brought it', () => {
    const steps = [
      opened(0),
      event(1, OF, 'exception.triaged', { owner: JOHN }),
      event(2, OF, 'exception.commented', { text: 'x' }),
      event(3, OF, 'exception.evidence-submitted', { evidence: PROOF }),
      event(4, OF, 'exception.linked', { link: 'x' }),
      event(5, OF, 'exception.closed', { resolution: 'resolved' }),
      event(6, OF, 'exception.reopened', { cause: 'audit-follow-up' }),
    ];
    const trusts = ['evaluated', 'attested', 'asserted', 'evaluated', 'asserted', 'attested', 'asserted'];
    const trustOf: TrustOf = (digest) =>
      (trusts[steps.findIndex((one) => one.digest === digest)] as StepTrust | undefined) ?? 'asserted';
    const after = steps.map((_, i) => {
      const { things } = foldExceptions(steps.slice(0, i + 1), { now: NOW, trustOf });
      return things.get(OF)?.trust;
    });
    expect(after).toEqual([
      'evaluated',
      'attested',
      'attested',
      'evaluated',
      'evaluated',
      'attested',
      'asserted',
    ]);
    const { things } = foldExceptions(steps, { now: NOW, trustOf });
    expect(things.get(OF)?.closings).toMatchObject([{ trust: 'attested' }]);
    expect(foldExceptions(steps, { now: NOW }).things.get(OF)?.trust).toBe('asserted');
  });

  it('attack: a step that takes the id of another, and comes before it, does not take its place', () => {
    const closed = event(1, OF, 'exception.closed', { resolution: 'withdrawn', text: 'x' });
    const again = event(2, OF, 'exception.reopened', { cause: 'audit-follow-up' });
    const triage = event(3, OF, 'exception.triaged', { severity: 'critical', owner: JOHN });
    const shadows = [again, triage].map(({ record: { id } }) =>
      event(0, 'f'.repeat(64), 'exception.commented', { id, recordedAt: '2020-01-01T00:00:00.000Z' }),
    );
    const events = [...shadows, opened(0), closed, again, triage];
    expect(only(events)).toMatchObject({ state: 'triaged', severity: 'critical', owner: JOHN });
    expect(faults(events)).toEqual(['unknown', 'unknown']);
  });

  it('keeps two steps of one id, and what both do', () => {
    const first = event(1, OF, 'exception.triaged', { owner: JOHN });
    const second = event(2, OF, 'exception.triaged', { id: first.record.id, severity: 'high' });
    const found = only([second, first, opened(0)]);
    expect(found).toMatchObject({ severity: 'high', owner: JOHN });
    expect(found.steps).toHaveLength(3);
  });

  it('is the same for any order of delivery, duplicates included, and drops nothing', () => {
    fc.assert(
      fc.property(fc.array(randomEvent, { maxLength: 25 }), fc.infiniteStream(fc.nat()), (events, random) => {
        const fold = (delivered: readonly LedgerEvent[]): unknown => {
          const { things, anomalies } = foldExceptions(delivered, { now: NOW, people: AUDITED, trustOf });
          return [[...things.values()], anomalies];
        };
        const shuffled = [...events, ...events.slice(0, 5)]
          .map((one) => ({ one, key: random.next().value }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one);
        expect(fold(shuffled)).toEqual(fold(events));
        const { things, anomalies } = foldExceptions(events, { now: NOW, people: AUDITED, trustOf });
        const kept = [...things.values()].flatMap(({ steps }) => steps).length + anomalies.length;
        expect(kept).toBe(new Set(events.map(({ digest }) => digest)).size);
      }),
      { numRuns: 200 },
    );
  });
});

/** By the last digit of the digest: as good as any. */
const trustOf: TrustOf = (digest) =>
  (['asserted', 'evaluated', 'attested'] as const)[Number.parseInt(digest.slice(-1), 16) % 3] ?? 'asserted';

/** Steps of two exceptions, legal and not. */
const randomEvent = fc
  .tuple(
    fc.integer({ min: 0, max: 20 }),
    fc.constantFrom<NonNullable<EventRecord['type']>>('identity-unclear', 'replay-failed'),
    fc.constantFrom<[EventRecord['event'], Partial<EventRecord>]>(
      ['exception.opened', { severity: 'low', detectedBy: 'scan' }],
      ['exception.opened', { severity: 'critical', detectedBy: 'scan' }],
      ['exception.triaged', { severity: 'low' }],
      ['exception.opened', {}],
      ['exception.triaged', { severity: 'high' }],
      ['exception.commented', { text: 'x' }],
      ['exception.linked', { link: 'x' }],
      ['exception.evidence-submitted', { evidence: PROOF }],
      ['exception.evidence-submitted', { evidence: PROOF, detectedBy: 'check' }],
      ['exception.opened', { severity: 'low', detectedBy: 'check' }],
      ['exception.closed', { resolution: 'resolved' }],
      ['exception.closed', { resolution: 'withdrawn', text: 'x' }],
      ['exception.reopened', { cause: 'regression' }],
    ),
  )
  .map(([day, type, [name, more]]) =>
    event(day, fingerprint(type), name, name === 'exception.opened' ? { type, ...more } : more),
  );
