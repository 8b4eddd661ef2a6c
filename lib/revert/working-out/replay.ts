import { type Change, goAlong, type Merge, type MergeConflict, type Run, runsOf } from './change.ts';

/** A change that can't be made where others were left out: it builds on them. */
export interface Dependant {
  readonly change: Change;
  readonly conflicts: readonly MergeConflict[];
}

export interface Replayed {
  /** The tree of the history without what was left out, and without what depends on it; null when that is over the limit. */
  readonly tree: string | null;
  /** Oldest first. */
  readonly dependants: readonly Dependant[];
}

export interface ReplayOptions {
  /** The tree to start from: what was there before the first of the changes. */
  readonly base: string;
  /** What is made again, in the order it was made; what is missing between is what is left out. */
  readonly changes: readonly Change[];
  /** Changes of a run that touch some paths: only they can be what stands in the way there. */
  readonly touching: (run: Run, paths: readonly string[]) => Promise<ReadonlySet<string>>;
  /** After so many dependants there is no use in going on. */
  readonly most: number;
  /** Throws where there is no time left. */
  readonly checkTime?: () => void;
}

/**
 * Makes history again without some changes. What conflicts is left out, too, and named: what later conflicts because of
 * that follows. Ends early when more than `most` would have to be left out.
 */
export async function replay(merge: Merge, options: ReplayOptions): Promise<Replayed> {
  const dependants: Dependant[] = [];
  const runs = runsOf(options.changes);
  for (;;) {
    options.checkTime?.();
    const legs = runs.map((run) => ({ run, from: run.before, to: run.after }));
    const { tree, stopped } = await goAlong(merge, options.base, legs, 'theirs');
    if (stopped === null) return { tree, dependants };
    const { run, conflicts } = stopped;
    const [only] = run.changes;
    const isOne = run.changes.length === 1 && only !== undefined;
    runs.splice(runs.indexOf(run), 1, ...(isOne ? [] : await divide(run, conflicts, options)));
    if (isOne) dependants.push({ change: only, conflicts });
    if (dependants.length > options.most) return { tree: null, dependants };
  }
}

/** Splits a run where changes touch what is in conflict; in halves where none says so. */
async function divide(
  run: Run,
  conflicts: readonly MergeConflict[],
  { touching }: ReplayOptions,
): Promise<Run[]> {
  const paths = [...new Set(conflicts.flatMap((conflict) => conflict.paths))];
  const suspects = await touching(run, paths);
  const parts: Change[][] = [[]];
  for (const change of run.changes) {
    if (!suspects.has(change.commit)) parts.at(-1)?.push(change);
    else parts.push([change], []);
  }
  const filled = parts.filter((part) => part.length > 0);
  const middle = Math.ceil(run.changes.length / 2);
  const divided = filled.length > 1 ? filled : [run.changes.slice(0, middle), run.changes.slice(middle)];
  return divided.flatMap(runsOf);
}
