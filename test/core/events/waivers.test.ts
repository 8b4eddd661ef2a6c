import { describe, expect, it } from 'vitest';
import type { LedgerEvent } from '../../../lib/core/events/order.ts';
import type { KnownPeople } from '../../../lib/core/events/people.ts';
import { activeWaivers, foldWaivers, type WaiverJudging } from '../../../lib/core/events/waivers.ts';
import { newUlid } from '../../../lib/core/ulid.ts';
import { DAY, event, type Fields, JANE, JOHN, START } from '../../support/events.ts';

const ID = newUlid(START);
const until = (day: number): string => new Date(START + day * DAY).toISOString();

function requested(more: Fields = {}, id = ID, day = 0): LedgerEvent {
  return event(day, id, 'waiver.requested', { rule: 'deps', until: until(30), text: 'a reason', ...more });
}

function approved(more: Fields = {}, id = ID, day = 1): LedgerEvent {
  return event(day, id, 'waiver.approved', { by: JOHN, ...more });
}

function stateOf(events: readonly LedgerEvent[], judging: Partial<WaiverJudging> = {}, id = ID): string {
  const { things, anomalies } = foldWaivers(events, { now: START + 10 * DAY, ...judging });
  return [things.get(id)?.state ?? 'none', ...anomalies.map(({ why }) => why)].join(' ');
}

describe('foldWaivers', () => {
  it('permits from the approval of a second person until its end', () => {
    expect(stateOf([requested()])).toBe('requested');
    expect(stateOf([approved(), requested()])).toBe('active');
    expect(stateOf([requested(), approved()], { now: START + 30 * DAY })).toBe('expired');
    expect(stateOf([requested()], { now: START + 30 * DAY })).toBe('expired');
    expect(stateOf([requested(), approved({}, ID, 31)], { now: START + 40 * DAY })).toBe('expired too-late');
    expect(stateOf([requested(), event(1, ID, 'waiver.rejected', { by: JOHN })])).toBe('rejected');
    expect(stateOf([requested(), approved(), event(2, ID, 'waiver.revoked', { by: JOHN })])).toBe('revoked');
  });

  it('takes no approval of one who asked, also by a second address, or made the change', () => {
    expect(stateOf([requested(), approved({ by: JANE })])).toBe('requested needs-other-person');
    expect(stateOf([requested(), approved({ by: { ...JANE, email: 'JANE@example.com' } })])).toBe(
      'requested needs-other-person',
    );
    const people: KnownPeople = {
      canonical: ({ email }) => (email === 'jane@private.example' ? JANE.email : email),
      holds: () => true,
      anybodyHolds: () => false,
    };
    const second = approved({ by: { ...JANE, email: 'jane@private.example' } });
    expect(stateOf([requested(), second], { people })).toBe('requested needs-other-person');
    expect(stateOf([requested(), approved()], { authorsOf: () => [JOHN] })).toBe(
      'requested needs-other-person',
    );
    expect(stateOf([requested(), approved({ by: null })])).toBe('requested needs-person');
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
    const [asked, yes] = [requested(), approved()];
    expect(stateOf([asked, yes], { vouched: new Set([asked.digest]) })).toBe('requested needs-signature');
    expect(stateOf([asked, yes], { vouched: new Set([asked.digest, yes.digest]) })).toBe('active');
  });

  it('takes approvals of those who may, where somebody is named', () => {
    const people = (email: string): KnownPeople => ({
      canonical: (person) => person.email,
      holds: (person, role) => role === 'waivers' && person.email === email,
      anybodyHolds: (role) => role === 'waivers',
    });
    expect(stateOf([requested(), approved()], { people: people('boss@example.com') })).toBe(
      'requested needs-role',
    );
    expect(stateOf([requested(), approved()], { people: people(JOHN.email) })).toBe('active');
  });

  it('has one for a scope: a later one takes the place of the earlier', () => {
    const second = newUlid(START + DAY);
    const events = [requested(), approved(), requested({}, second, 2), approved({}, second, 3)];
    expect(stateOf(events)).toBe('superseded');
    expect(activeWaivers(events, { now: START + 10 * DAY }).map(({ id }) => id)).toEqual([second]);
    const other = [
      requested(),
      approved(),
      requested({ paths: ['a/**'] }, second, 2),
      approved({}, second, 3),
    ];
    expect(activeWaivers(other, { now: START + 10 * DAY })).toHaveLength(2);
  });

  it('knows an id once', () => {
    expect(stateOf([requested(), approved(), requested({ until: until(80) }, ID, 2)])).toBe(
      'active known-already',
    );
  });
});
