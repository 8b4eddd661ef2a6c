import type { EventRecord } from '../core/record.ts';
import type { Told } from '../ledger/told.ts';
import { type Roster, whoIs } from './roster/roster.ts';
import { type JudgedAt, judgeSignatures } from './signatures/judge.ts';

/** Digests of the steps that are signed by the person they name, with a key the roster gives them. */
export function vouchedEvents(
  events: readonly Told<EventRecord>[],
  roster: Roster,
  at: JudgedAt,
): Set<string> {
  const vouched = new Set<string>();
  for (const told of events) {
    const { by } = told.stored.record;
    const person = by === null ? null : whoIs(roster, by).person;
    if (person === null) continue;
    const signers = judgeSignatures(told, roster, at);
    if (signers.some((one) => one.by.kind === 'person' && one.by.person === person))
      vouched.add(told.stored.digest);
  }
  return vouched;
}
