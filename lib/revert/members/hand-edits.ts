import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import { mergeOfParents } from '../../git/merges/merge-trees.ts';
import { readCommit } from '../../git/objects/objects.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { treeChanges } from '../../git/trees/tree-diff.ts';
import type { Ledger } from '../../ledger/ledger.ts';

const MAX_PATHS = 1000;

/** The units with what was written by hand in each merge: conflicts solved there, and whatever else it holds. It goes, too. */
export function withHandEdits(
  ledger: Ledger,
  scratch: Scratch,
  units: RevertPlan['units'],
): Promise<RevertPlan['units']> {
  return Promise.all(
    units.map(async (unit) => {
      if (unit.kind !== 'merge') return unit;
      const handEdited = await handEditsOf(ledger, scratch, unit.commit);
      return handEdited.length === 0 ? unit : { ...unit, handEdited };
    }),
  );
}

/** Paths in which a merge is another than git makes it of its parents. */
async function handEditsOf(ledger: Ledger, scratch: Scratch, oid: string): Promise<string[]> {
  const commit = await readCommit(ledger.reader, oid);
  if (commit === null || commit.parents.length < 2) return [];
  const { tree } = await mergeOfParents(scratch, commit.parents);
  for await (const { changes } of treeChanges(scratch, [{ from: tree, to: commit.tree }], MAX_PATHS))
    return changes.map(({ path }) => path);
  return [];
}
