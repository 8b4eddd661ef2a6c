import { diffEntries } from '../../git/diffs/entry-diff.ts';
import type { PathChange } from '../../git/objects/import-stream.ts';
import { readCommit } from '../../git/objects/objects.ts';
import { emptyTree } from '../../git/repository/index-diff.ts';
import type { Ledger } from '../ledger.ts';
import { type Erasures, readErasures } from './erased.ts';
import { txnOfPath } from './paths.ts';
import { changeStore, type StoreTip } from './write.ts';

/** What another clone's refs are at; null where it has none. By the name of ours. */
export type TheirTips = ReadonlyMap<string, string | null>;

/**
 * Takes what others have stored into our refs: the union of both trees, without what was erased. Gives how many entries
 * came. Nothing of ours goes because they don't have it.
 */
export async function unionStore(ledger: Ledger, theirs: TheirTips): Promise<number> {
  let came = 0;
  await changeStore(ledger, async (tips) => {
    const erasures = await readErasures(ledger);
    const changes = await Promise.all(
      tips.map(async (tip) => ({
        ref: tip.ref,
        changes: await missingHere(ledger, tip, theirs.get(tip.ref) ?? null, erasures),
      })),
    );
    came = changes.reduce((sum, one) => sum + one.changes.length, 0);
    return changes;
  });
  return came;
}

/** True when a ref of theirs lacks something ours has, or still has what was erased. */
export async function isBehind(ledger: Ledger, ours: StoreTip, theirs: string | null): Promise<boolean> {
  if (ours.tree === null || ours.commit === theirs) return false;
  const erasures = await readErasures(ledger);
  for await (const { path, from, to } of diffEntries(ledger.repo, await treeOf(ledger, theirs), ours.tree)) {
    if (to !== null && txnOfPath(path, to.oid) !== null) return true;
    const txn = from === null ? null : txnOfPath(path, from.oid);
    if (txn !== null && erasures.isErased(txn)) return true;
  }
  return false;
}

/** Entries they have and we don't, each under its own id: whatever else they put there is left where it is. */
async function missingHere(
  ledger: Ledger,
  { tree }: StoreTip,
  theirs: string | null,
  erasures: Erasures,
): Promise<PathChange[]> {
  const changes: PathChange[] = [];
  if (theirs === null) return changes;
  const ours = tree ?? emptyTree(ledger.repo.format);
  for await (const { path, from, to } of diffEntries(ledger.repo, ours, await treeOf(ledger, theirs))) {
    if (from !== null || to === null || to.mode !== '100644') continue;
    const txn = txnOfPath(path, to.oid);
    if (txn !== null && !erasures.isErased(txn)) changes.push({ op: 'object', path, oid: to.oid });
  }
  return changes;
}

/** The tree of a commit; the empty one of what is no commit. */
async function treeOf({ repo, reader }: Ledger, commit: string | null): Promise<string> {
  const found = commit === null ? null : await readCommit(reader, commit);
  return found?.tree ?? emptyTree(repo.format);
}
