import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LedgerEvent } from '../../../lib/core/events/order.ts';
import type { KnownPeople } from '../../../lib/core/events/people.ts';
import { activeWaivers, foldWaivers, type WaiverJudging } from '../../../lib/core/events/waivers.ts';
import type { EventRecord } from '../../../lib/core/records/record.ts';
import { newUlid } from '../../../lib/core/ulid.ts';
import { DAY, event, type Fields, JANE, JOHN, START } from '../../support/events.ts';

const ID = newUlid(START);
const MARY = { name: 'Mary Major', email: 'mary@example.com' };
const until = (day: number): string => new Date(START + day * DAY).toISOString();

function requested(more: Fields = {}, id = ID, day = 0): LedgerEvent {
  return event(day, id, 'waiver.requested', { rule: 'deps', until: until(30), text: 'a reason', ...more });
}

/** A yes to one request. */
function approved(request: LedgerEvent, more: Fields = {}, day = 1): LedgerEvent {
  return event(day, request.record.of, 'waiver.approved', {
    by: JOHN,
    evidence: [request.digest],
    ...more,
  });
}

const ASKED = requested();

function stateOf(events: readonly LedgerEvent[], judging: Partial<WaiverJudging> = {}, id = ID): string {
  const { things, anomalies } = foldWaivers(events, { now: START + 10 * DAY, ...judging });
  return [things.get(id)?.state ?? 'none', ...anomalies.map(({ why }) => why)].join(' ');
}

describe('foldWaivers', () => {
  it('permits from the approval of a second person until its end', () => {
    expect(stateOf([ASKED])).toBe('requested');
    expect(stateOf([approved(ASKED), ASKED])).toBe('active');
    expect(stateOf([ASKED, approved(ASKED)], { now: START + 30 * DAY })).toBe('expired');
    expect(stateOf([ASKED], { now: START + 30 * DAY })).toBe('expired');
    expect(stateOf([ASKED, approved(ASKED, {}, 31)], { now: START + 40 * DAY })).toBe('expired too-late');
    expect(stateOf([ASKED, event(1, ID, 'waiver.rejected', { by: JOHN })])).toBe('rejected');
    expect(stateOf([ASKED, approved(ASKED), event(2, ID, 'waiver.revoked', { by: JOHN })])).toBe('revoked');
  });

  it('attack: permits nothing in a repository it is not for', () => {
    const [here, there] = ['a'.repeat(40), 'b'.repeat(40)];
    const permits = (more: Fields, root?: string | null): boolean => {
      const asked = requested({ txn: null, ...more });
      const judging = { now: START + 10 * DAY, ...(root === undefined ? {} : { root }) };
      return activeWaivers([asked, approved(asked)], judging).length > 0;
    };
    const mr = 'https://example.com/pull/1';
    expect([permits({ root: here }, here), permits({ root: here }, there)]).toEqual([true, false]);
    expect(permits({ root: here, mr }, there)).toBe(false);
    // Where the one or the other is not known, it has to be about something that is nowhere else.
    expect([permits({}, here), permits({ root: here }, null), permits({}, null)]).toEqual([
      false,
      false,
      false,
    ]);
    expect([permits({ mr }, here), permits({ root: here, mr }, null)]).toEqual([true, true]);
    expect(permits({})).toBe(true);
  });

  it('takes no approval of one who asked, also by a second address, or made the change', () => {
    expect(stateOf([ASKED, approved(ASKED, { by: JANE })])).toBe('requested needs-other-person');
    expect(stateOf([ASKED, approved(ASKED, { by: { ...JANE, email: 'JANE@example.com' } })])).toBe(
      'requested needs-other-person',
    );
    const people: KnownPeople = {
      canonical: ({ email }) => (email === 'jane@private.example' ? JANE.email : email),
      holds: () => true,
      anybodyHolds: () => false,
    };
    const second = approved(ASKED, { by: { ...JANE, email: 'jane@private.example' } });
    expect(stateOf([ASKED, second], { people })).toBe('requested needs-other-person');
    expect(stateOf([ASKED, approved(ASKED)], { authorsOf: () => [JOHN] })).toBe(
      'requested needs-other-person',
    );
    expect(stateOf([ASKED, approved(ASKED, { by: null })])).toBe('requested needs-person');
  });

  it('takes no request without an end, with one too far, or for everything', () => {
    expect(stateOf([requested({ until: undefined })])).toBe('none needs-end');
    expect(stateOf([requested({ until: until(91) })])).toBe('none needs-end');
    expect(stateOf([requested({ until: until(-1) })])).toBe('none needs-end');
    expect(stateOf([requested({ until: '2026-99-99T00:00:00Z' })])).toBe('none needs-end');
    expect(stateOf([requested({ rule: undefined })])).toBe('none needs-scope');
    expect(stateOf([requested({ text: undefined })])).toBe('none needs-reason');
    expect(stateOf([requested({ until: until(90) })])).toBe('requested');
  });

  it('takes only signed words where signatures were looked at', () => {
    const [asked, yes] = [ASKED, approved(ASKED)];
    expect(stateOf([asked, yes], { vouched: new Set([asked.digest]) })).toBe('requested needs-signature');
    expect(stateOf([asked, yes], { vouched: new Set([asked.digest, yes.digest]) })).toBe('active');
  });

  it('takes approvals of those who may, where somebody is named', () => {
    const people = (email: string): KnownPeople => ({
      canonical: (person) => person.email,
      holds: (person, role) => role === 'waivers' && person.email === email,
      anybodyHolds: (role) => role === 'waivers',
    });
    expect(stateOf([ASKED, approved(ASKED)], { people: people('boss@example.com') })).toBe(
      'requested needs-role',
    );
    expect(stateOf([ASKED, approved(ASKED)], { people: people(JOHN.email) })).toBe('active');
  });

  it('has one for a scope: a later one takes the place of the earlier', () => {
    const second = newUlid(START + DAY);
    const again = requested({}, second, 2);
    const events = [ASKED, approved(ASKED), again, approved(again, {}, 3)];
    expect(stateOf(events)).toBe('superseded');
    expect(activeWaivers(events, { now: START + 10 * DAY }).map(({ id }) => id)).toEqual([second]);
    const elsewhere = requested({ paths: ['a/**'] }, second, 2);
    const other = [ASKED, approved(ASKED), elsewhere, approved(elsewhere, {}, 3)];
    expect(activeWaivers(other, { now: START + 10 * DAY })).toHaveLength(2);
  });

  it('knows an id once', () => {
    expect(stateOf([ASKED, approved(ASKED), requested({ until: until(80) }, ID, 2)])).toBe(
      'active known-already',
    );
  });

  it('attack: an unsigned step with the id of a revocation, dated before it, does not revive the waiver', () => {
    const yes = approved(ASKED);
    const no = event(2, ID, 'waiver.revoked', { by: JOHN });
    const vouched = new Set([ASKED, yes, no].map(({ digest }) => digest));
    for (const of of [ID, newUlid(START), 'f'.repeat(64)])
      for (const name of ['waiver.requested', 'waiver.approved', 'waiver.revoked'] as const) {
        const shadow = event(0, of, name, {
          id: no.record.id,
          recordedAt: '2020-01-01T00:00:00.000Z',
        });
        const { things } = foldWaivers([ASKED, yes, no, shadow], { now: START + 10 * DAY, vouched });
        expect(things.get(ID)?.state, `${name} ${of}`).toBe('revoked');
      }
  });

  it('attack: a wider request of the same id, dated a second earlier, is not what was approved', () => {
    const yes = approved(ASKED);
    const sooner = new Date(START - 1000).toISOString();
    const wider = requested({ rule: 'everything', until: until(80), recordedAt: sooner });
    const vouched = new Set([ASKED, yes, wider].map(({ digest }) => digest));
    expect(stateOf([ASKED, yes, wider], { vouched })).toBe('requested known-already other-request');
    expect(activeWaivers([ASKED, yes, wider], { now: START + 10 * DAY, vouched })).toEqual([]);
    vouched.delete(wider.digest);
    expect(stateOf([ASKED, yes, wider], { vouched })).toBe('active needs-signature');
  });

  it('attack: a yes that names no request, or another, permits nothing', () => {
    expect(stateOf([ASKED, approved(ASKED, { evidence: undefined })])).toBe('requested other-request');
    expect(stateOf([ASKED, approved(ASKED, { evidence: [] })])).toBe('requested other-request');
    expect(stateOf([ASKED, approved(ASKED, { evidence: [requested().digest] })])).toBe(
      'requested other-request',
    );
  });

  it('attack: who made the change does not permit it by a waiver for a rule or a merge request', () => {
    for (const scope of [{}, { mr: 'https://example.com/mr/1' }, { txn: null }]) {
      const asked = requested(scope);
      const events = [asked, approved(asked)];
      expect(stateOf(events, { authors: [JOHN] })).toBe('requested needs-other-person');
      expect(stateOf(events, { authors: [{ name: 'J. Roe', email: 'JOHN@example.com' }] })).toBe(
        'requested needs-other-person',
      );
      expect(stateOf(events, { authors: [JANE] })).toBe('active');
    }
  });

  it('attack: a revocation counts also where the yes before it does not: no later one revives the waiver', () => {
    const [first, later] = [approved(ASKED), approved(ASKED, { by: MARY }, 4)];
    const no = event(2, ID, 'waiver.revoked', { by: MARY });
    const events = [ASKED, first, no, later];
    const signed = new Set([ASKED, no, later].map(({ digest }) => digest));
    expect(stateOf(events, { authors: [JOHN] })).toBe('revoked needs-other-person decided-already');
    expect(stateOf(events, { vouched: signed })).toBe('revoked needs-signature decided-already');
  });

  it('attack: a yes dated before a refusal does not undo it', () => {
    const refused = event(3, ID, 'waiver.rejected', { by: MARY });
    expect(stateOf([ASKED, refused, approved(ASKED, {}, 2)])).toBe('rejected');
  });

  it('attack: whatever ids are taken and in whatever order, a revoked waiver stays revoked', () => {
    const yes = approved(ASKED);
    const no = event(5, ID, 'waiver.revoked', { by: JOHN });
    const vouched = new Set([ASKED, yes, no].map(({ digest }) => digest));
    const forged = fc
      .record({
        day: fc.integer({ min: -5, max: 9 }),
        of: fc.constantFrom(ID, newUlid(START)),
        id: fc.constantFrom(...[ASKED, yes, no].map(({ record }) => record.id)),
        name: fc.constantFrom<EventRecord['event']>('waiver.requested', 'waiver.approved'),
      })
      .map(({ day, of, id, name }) =>
        event(day, of, name, { id, rule: 'all', until: until(day + 80), text: 'x' }),
      );
    const delivered = fc
      .array(forged, { maxLength: 8 })
      .chain((more) =>
        fc.shuffledSubarray([...more, ASKED, yes, no, ...more], { minLength: more.length * 2 + 3 }),
      );
    const judging = { now: START + 10 * DAY, vouched };
    fc.assert(
      fc.property(delivered, (events) => {
        const one = foldWaivers(events, judging);
        expect(one.things.get(ID)?.state).toBe('revoked');
        expect(foldWaivers([...events, ...events].reverse(), judging)).toEqual(one);
      }),
      { numRuns: 100 },
    );
  });
});
