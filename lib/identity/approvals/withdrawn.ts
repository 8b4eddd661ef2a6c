import { groupBy } from '../../core/lists.ts';
import { timeOfUlid } from '../../core/ulid.ts';
import type { Voice } from './voice.ts';

/** Clocks differ; by more than this they are wrong, or somebody means to have the last word for ever. */
const FUTURE_MS = 24 * 60 * 60 * 1000;

/**
 * The withdrawal that takes back what somebody said; null when it stands. One in their name is enough, signed or not: who
 * forges it can only undo, and they can say yes again.
 */
export function withdrawalOf(
  voice: Voice,
  withdrawals: ReadonlyMap<string, readonly Voice[]>,
  now: number,
): string | null {
  const { id } = voice.told.stored.record;
  const found = withdrawals.get(voice.who.id)?.find((one) => {
    const later = one.told.stored.record.id;
    return later > id && timeOfUlid(later) < now + FUTURE_MS && isOfSame(one, voice);
  });
  return found?.told.stored.record.id ?? null;
}

/** Of one person nobody needs more: the last ones count. */
const MOST_OF_ONE = 200;

/** Withdrawals by the person they name. */
export function byPerson(withdrawals: readonly Voice[]): Map<string, readonly Voice[]> {
  const groups = groupBy(withdrawals, ({ who }) => who.id);
  return new Map([...groups].map(([id, group]) => [id, group.slice(-MOST_OF_ONE)]));
}

/** Of the same commit, or of the same content on its way to the same branch, or of the same transaction. */
function isOfSame(withdrawal: Voice, voice: Voice): boolean {
  const [taken, said] = [withdrawal.told.stored.record, voice.told.stored.record];
  if (withdrawal.told.object === voice.told.object) return true;
  const [one, other] = [taken.subject, said.subject];
  if (one.target === other.target && one.tree === other.tree && one.patchId === other.patchId) return true;
  return said.kind === 'sponsorship' && said.txns.some((txn) => taken.txns.includes(txn));
}
