import type { MergeConflict, Merged, ThreeTrees } from '../git/merge-trees.ts';

/** What one commit of a branch did, as the trees before and after it. */
export interface Change {
  readonly commit: string;
  readonly before: string;
  readonly after: string;
}

/** Changes that follow one another without a gap, taken as one: what the first found, and what the last left. */
export interface Run {
  /** Oldest first. */
  readonly changes: readonly Change[];
  readonly before: string;
  readonly after: string;
}

/** How trees are merged; git does it. */
export type Merge = (trees: ThreeTrees) => Promise<Merged>;

export type { MergeConflict };

/**
 * Takes neighbours together, oldest first. A run is undone or made again in one merge, so that what it did and undid
 * itself stands in nobody's way.
 */
export function runsOf(changes: readonly Change[]): Run[] {
  const runs: Run[] = [];
  for (const change of changes) {
    const last = runs.at(-1);
    if (last !== undefined && last.after === change.before)
      runs[runs.length - 1] = { ...last, changes: [...last.changes, change], after: change.after };
    else runs.push(runOf([change], change));
  }
  return runs;
}

function runOf(changes: readonly Change[], { before, after }: Change): Run {
  return { changes, before, after };
}
