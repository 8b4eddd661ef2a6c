import { type Change, goAlong, type Merge, runsOf, type Went } from './change.ts';

/** A tree without what some changes did, or what kept it from being made. */
export type Undone = Went;

/**
 * Undoes changes in a tree, the newest first, each run of neighbours in one merge. `changes` are in the order they were
 * made. What was deleted since stays deleted. Stops at the first run that git can't take back without a conflict.
 */
export function undo(merge: Merge, head: string, changes: readonly Change[]): Promise<Undone> {
  const legs = runsOf(changes).map((run) => ({ run, from: run.after, to: run.before }));
  return goAlong(merge, head, legs.reverse(), 'ours');
}
