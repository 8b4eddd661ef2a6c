import { isUlidPrefix } from '../../core/ulid.ts';
import { readCommit } from '../../git/objects/objects.ts';
import { type Ledger, readNote } from '../../ledger/ledger.ts';
import { revertsOf } from '../../ledger/told/reverts.ts';

/** Names of transactions to bring back, where a name may be a revert's commit: those it took back stand in its place then. */
export async function txnsRevertedBy(ledger: Ledger, names: readonly string[]): Promise<string[]> {
  const txns = await Promise.all(names.map((name) => revertedBy(ledger, name)));
  return [...new Set(txns.flat())];
}

async function revertedBy(ledger: Ledger, name: string): Promise<readonly string[]> {
  const commit = isUlidPrefix(name) ? null : await readCommit(ledger.reader, name);
  if (commit === null) return [name];
  const made = revertsOf(await readNote(ledger, commit.oid)).filter(
    (revert) => revert.commit === commit.oid || revert.commits?.includes(commit.oid),
  );
  return made.length === 0 ? [name] : made.flatMap(({ txns }) => txns);
}
