import { readCommit } from '../../git/objects/objects.ts';
import { promisorOf } from '../../git/repository/partial-clone.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { foundOn } from '../members/found.ts';
import type { Workshop } from '../working-out/relaxed.ts';
import { readState } from '../working-out/situation.ts';

/** Whether a branch holds anything of some transactions that no commit of it says to take back. What can't be told counts as held. */
export async function inForceOn(
  ledger: Ledger,
  shop: Workshop,
  txns: readonly string[],
  ref: string,
): Promise<boolean> {
  const tip = await readCommit(ledger.reader, ref);
  // In a partial clone it would take a fetch.
  if (tip === null || (await promisorOf(ledger.repo)) !== null) return true;
  const found = await foundOn(ledger, shop.scratch, txns, tip, false);
  if (found.units.length === 0 || !found.saysReverts) return true;
  return (await readState(ledger, shop, tip, found, false)).units.length > 0;
}
