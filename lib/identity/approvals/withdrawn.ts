import { timeOfUlid } from '../../core/ulid.ts';
import { CLOCK_SKEW_MS } from '../../core/utc-time.ts';
import type { Voice } from './voice.ts';

/** The last word that takes something back, by whom and what of. */
export type Withdrawals = ReadonlyMap<string, string>;

/**
 * Of each person and each thing the id of the last withdrawal, however many there are: anybody can write thousands in somebody's name,
 * and none of these hides the one that was meant.
 */
export function lastWithdrawals(withdrawals: readonly Voice[], now: number): Withdrawals {
  const last = new Map<string, string>();
  for (const voice of withdrawals) {
    const { id } = voice.told.stored.record;
    if (!(timeOfUlid(id) < now + CLOCK_SKEW_MS)) continue;
    for (const about of aboutOf(voice)) if ((last.get(about) ?? '') < id) last.set(about, id);
  }
  return last;
}

/**
 * The withdrawal that takes back what somebody said; null when it stands. One in their name is enough, signed or not: who
 * forges it can only undo, and they can say yes again.
 */
export function withdrawalOf(voice: Voice, withdrawals: Withdrawals): string | null {
  const { id } = voice.told.stored.record;
  const later = aboutOf(voice).flatMap((about) => withdrawals.get(about) ?? []);
  return later.find((one) => one > id) ?? null;
}

/** Of the same commit, or of the same content on its way to the same branch, or, where somebody answers for it, of the same transaction. */
function aboutOf({ told, who }: Voice): string[] {
  const { kind, subject, txns } = told.stored.record;
  const ofTxns = kind === 'approval' ? [] : txns.map((txn) => ['txn', txn]);
  const about = [
    ['object', told.object],
    ['content', subject.target, subject.tree, subject.patchId],
    ...ofTxns,
  ];
  return about.map((one) => JSON.stringify([who.id, ...one]));
}
