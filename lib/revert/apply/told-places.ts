import type { RevertRecord } from '../../core/records/record.ts';
import { commitsOfRange } from '../../git/history/named-range.ts';
import { readCommit } from '../../git/objects/objects.ts';
import { type Ledger, readNote } from '../../ledger/ledger.ts';
import { membersOf, type TxnMember } from '../../ledger/reading/txn.ts';
import { readRegroups } from '../../ledger/told/regroups.ts';
import { relandsOf } from '../../ledger/told/reverts.ts';

/**
 * The commits of the reverted transactions whose work went with the units: what a merge among them brought, what a unit had
 * brought back, and what any of it was made as. Whoever looks at one of these finds the revert on its own note, without a search.
 */
export async function commitsUndone(
  ledger: Ledger,
  { txns, units }: Pick<RevertRecord, 'txns' | 'units'>,
): Promise<string[]> {
  const regroups = await readRegroups(ledger);
  const names = new Set(txns.map((txn) => regroups.nameOf(txn)));
  const members = await Promise.all([...names].map((txn) => membersOf(ledger, regroups, txn)));
  const gone = new Set((await Promise.all(units.map((unit) => heldBy(ledger, unit)))).flat());
  return [...new Set(members.flat().flatMap((member) => placesAmong(member, gone)))];
}

/** The unit itself, and the commits it has the work of. */
async function heldBy(ledger: Ledger, unit: string): Promise<string[]> {
  const commit = await readCommit(ledger.reader, unit);
  const [first, ...others] = commit?.parents ?? [];
  const brought =
    first === undefined || others.length === 0 ? [] : await commitsOfRange(ledger.repo, `${first}..${unit}`);
  const relands = relandsOf(await readNote(ledger, unit)).filter((reland) => reland.commit === unit);
  return [unit, ...brought, ...relands.flatMap(({ units }) => units)];
}

/** Only commits the ledger knows a record of the transaction by: what a line says of others puts nothing on their notes. */
function placesAmong({ commit, stored, landings }: TxnMember, gone: ReadonlySet<string>): string[] {
  const landed = landings.filter(({ record }) => record === stored.digest).map((landing) => landing.commit);
  const places = [commit, ...landed].filter((place) => gone.has(place));
  return places.length === 0 ? [] : [commit, ...places];
}
