import { type Change, type Merge, type MergeConflict, type Run, runsOf } from './change.ts';

/** A tree without what some changes did, or what kept it from being made. */
export type Undone =
  | { readonly tree: string; readonly stopped: null; readonly keptDeleted: readonly string[] }
  | { readonly tree: null; readonly stopped: Stopped; readonly keptDeleted?: never };

export interface Stopped {
  readonly run: Run;
  readonly conflicts: readonly MergeConflict[];
}

/**
 * Undoes changes in a tree, the newest first, each run of neighbours in one merge. `changes` are in the order they were
 * made. What was deleted since stays deleted. Stops at the first run that git can't take back without a conflict.
 */
export async function undo(merge: Merge, head: string, changes: readonly Change[]): Promise<Undone> {
  const kept = new Set<string>();
  let tree = head;
  for (const run of runsOf(changes).reverse()) {
    const trees = { base: run.after, ours: tree, theirs: run.before, later: 'ours' } as const;
    const { tree: merged, conflicts, keptDeleted = [] } = await merge(trees);
    if (conflicts.length > 0) return { tree: null, stopped: { run, conflicts } };
    for (const path of keptDeleted) kept.add(path);
    tree = merged;
  }
  return { tree, stopped: null, keptDeleted: [...kept] };
}
