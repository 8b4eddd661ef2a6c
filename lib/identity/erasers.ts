import type { StepTrust } from '../core/events/trust.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Erasure } from '../ledger/payloads/erased.ts';
import { knownPeople } from './roster/known-people.ts';
import { type Roster, whoIs } from './roster/roster.ts';
import { type JudgedSignature, judgeSignatures } from './signatures/judge.ts';
import { judgedAt } from './signatures/judged-at.ts';

/** Whose work it is to destroy texts, where the target gives that to anybody. */
export const ERASER = 'erase';

/** What a tombstone is worth by the roster of the target. */
export interface ErasureTrust {
  /** attested: the person it names signed it. evaluated: a pipeline of the target did. asserted: anybody can have written it. */
  readonly trust: StepTrust;
  /** Whether somebody with the role signed it, or a pipeline; null where the target gives the role to nobody. */
  readonly isByEraser: boolean | null;
}

/** Judges a tombstone by the people of today; where their keys have lost their force since, git is asked when that was. */
export async function erasureTrust(
  ledger: Ledger,
  erasure: Erasure,
  roster: Roster,
  now: number,
): Promise<ErasureTrust> {
  const told = { ...erasure, object: '' };
  const judged = judgeSignatures(told, roster, await judgedAt(ledger, roster, [told], now));
  const { by } = erasure.record;
  const named = by === null ? null : whoIs(roster, by).person;
  const isAttested = judged.some((one) => one.by.kind === 'person' && one.by.person === named);
  return {
    trust: isAttested ? 'attested' : judged.some((one) => one.by.kind === 'ci') ? 'evaluated' : 'asserted',
    isByEraser: knownPeople(roster).anybodyHolds(ERASER) ? isByEraser(judged) : null,
  };
}

/** Whether one of the signatures is by somebody with the role, or a pipeline. */
export function isByEraser(judged: readonly JudgedSignature[]): boolean {
  return judged.some(
    ({ by }) => by.kind === 'ci' || (by.kind === 'person' && by.person.roles.includes(ERASER)),
  );
}
