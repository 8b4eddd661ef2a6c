import { mayAct } from '../../core/events/people.ts';
import { ERASER, isByEraser } from '../../identity/erasers.ts';
import { knownPeople } from '../../identity/roster/known-people.ts';
import type { Roster } from '../../identity/roster/roster.ts';
import { judgeSignatures, whyNot } from '../../identity/signatures/judge.ts';
import { judgedAt } from '../../identity/signatures/judged-at.ts';
import type { Erasure } from '../../ledger/payloads/erased.ts';
import type { Verifying } from './context.ts';

/**
 * Whose word tombstones are, where the target names people with the role for it. They are obeyed all the same: what is gone can't be had back by
 * doubting it. Roles are those of today, and so what nobody of today stands behind is told, and is no failure.
 */
export async function checkErasers(
  { ledger, roster, report, now }: Verifying,
  erasures: readonly Erasure[],
): Promise<void> {
  if (roster === null || !knownPeople(roster).anybodyHolds(ERASER)) return;
  const at = await judgedAt(
    ledger,
    roster,
    erasures.map((one) => ({ ...one, object: '' })),
    now,
  );
  for (const one of new Map(erasures.map((erasure) => [erasure.digest, erasure])).values()) {
    const problem = problemOf(one, roster, at);
    if (problem !== null) report.unknown('texts', one.digest, problem);
  }
}

function problemOf(
  erasure: Erasure,
  roster: Roster,
  at: Parameters<typeof judgeSignatures>[2],
): string | null {
  const { by } = erasure.record;
  const judged = judgeSignatures(erasure, roster, at);
  if (isByEraser(judged)) return null;
  const who = by === null ? 'nobody' : `${by.name} <${by.email}>`;
  const role = mayAct(knownPeople(roster), by, ERASER)
    ? ''
    : `, who has not the role ${ERASER} at the target`;
  const why =
    judged.length === 0
      ? 'nobody signed it'
      : whyNot(judged).join(', ') || 'no key of such a person signed it';
  return `texts were destroyed in the name of ${who}${role}: ${why}`;
}
