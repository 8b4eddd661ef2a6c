import type { MergeAlong, Step } from '../../git/merges/merge-along.ts';
import type { MergeConflict, Merged, ThreeTrees } from '../../git/merges/merge-trees.ts';

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
export interface Merge {
  (trees: ThreeTrees): Promise<Merged>;
  /** Many merges one after another, to the same end; where it is not given, they are made one by one. */
  readonly along?: MergeAlong;
}

export type { MergeConflict };

/**
 * Takes neighbours together, oldest first. A run is undone or made again in one merge, so that what it did and undid
 * itself stands in nobody's way.
 */
export function runsOf(changes: readonly Change[]): Run[] {
  const neighbours: Change[][] = [];
  for (const change of changes) {
    const last = neighbours.at(-1);
    if (last?.at(-1)?.after === change.before) last?.push(change);
    else neighbours.push([change]);
  }
  return neighbours.map((run) => ({
    changes: run,
    before: run[0]?.before ?? '',
    after: run.at(-1)?.after ?? '',
  }));
}

/** A run that is taken back or made again, and the tree that has to be there for it to begin. */
export interface Leg {
  readonly run: Run;
  readonly from: string;
  readonly to: string;
}

/** The tree after some legs, or the first run that conflicts. */
export type Went =
  | { readonly tree: string; readonly stopped: null; readonly keptDeleted: readonly string[] }
  | { readonly tree: null; readonly stopped: Stopped; readonly keptDeleted?: never };

export interface Stopped {
  readonly run: Run;
  readonly conflicts: readonly MergeConflict[];
}

/**
 * Merges legs into a tree, one after another; what lies between them is left out. What the `later` side deleted stays
 * deleted.
 */
export async function goAlong(
  merge: Merge,
  start: string,
  legs: readonly Leg[],
  later: 'ours' | 'theirs',
): Promise<Went> {
  const steps: Step[] = [];
  const runs: (Run | undefined)[] = [];
  let at = start;
  for (const { run, from, to } of legs) {
    if (at !== from) steps.push({ from: at, to: from, isMade: false });
    runs[steps.push({ from, to, isMade: true, later }) - 1] = run;
    at = to;
  }
  if (steps.length === 0) return { tree: start, stopped: null, keptDeleted: [] };
  const went = await (merge.along ?? oneByOne(merge))(steps);
  if (went.stopped === null) return went;
  const { step, conflicts } = went.stopped;
  const run = runs[step];
  if (run === undefined) throw new Error('what is left out can not conflict');
  return { tree: null, stopped: { run, conflicts } };
}

function oneByOne(merge: Merge): MergeAlong {
  return async (steps) => {
    const kept = new Set<string>();
    let tree = steps[0]?.from ?? '';
    for (const [step, { from, to, isMade, later }] of steps.entries()) {
      if (!isMade) continue;
      const merged = await merge({ base: from, ours: tree, theirs: to, ...(later && { later }) });
      if (merged.conflicts.length > 0) return { tree: null, stopped: { step, conflicts: merged.conflicts } };
      for (const path of merged.keptDeleted ?? []) kept.add(path);
      ({ tree } = merged);
    }
    return { tree, stopped: null, keptDeleted: [...kept] };
  };
}
