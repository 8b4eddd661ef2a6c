import { isOutOfTime } from './budget.ts';
import type { Change, Merge, Run } from './change.ts';
import { type Dependant, replay } from './replay.ts';
import { type Undone, undo } from './undo.ts';

/** The branch's own history from before the oldest change that is to go, up to its tip. */
export interface History {
  readonly base: string;
  readonly head: string;
  /** Oldest first; each begins where the one before ended. */
  readonly changes: readonly Change[];
  readonly touching: (run: Run, paths: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Throws OUT_OF_TIME where planning has taken as long as it may. */
  readonly checkTime?: () => void;
}

/** A set of commits that can be taken back together, and the tree that leaves. */
export interface Closure {
  readonly tree: string;
  /** What has to go besides the members, oldest first. */
  readonly extras: readonly Dependant[];
  /** Files that were deleted since, and stay so. */
  readonly keptDeleted: readonly string[];
}

/** What two independent ways of taking members back came to. */
export interface Answers {
  readonly undone: Undone;
  /** The tree of the history without them; null when something later builds on them. */
  readonly without: string | null;
  /** The first of what later builds on them. */
  readonly blockers: readonly Dependant[];
  /** There was no time to make the history again: nothing is known of it. */
  readonly isCutOff: boolean;
}

/**
 * Takes members back in two ways: by undoing them at the tip, newest first, and by making the history again without them.
 * Where both are clean and differ, neither can be trusted.
 */
export async function answer(merge: Merge, history: History, members: ReadonlySet<string>): Promise<Answers> {
  const [undone, replayed] = await Promise.all([
    undo(merge, history.head, chosen(history, members)),
    replay(merge, { ...rest(history, members), most: 0 }).catch(unlessOutOfTime),
  ]);
  return {
    undone,
    without: replayed?.tree ?? null,
    blockers: replayed?.dependants ?? [],
    isCutOff: replayed === null,
  };
}

function unlessOutOfTime(error: unknown): null {
  if (isOutOfTime(error)) return null;
  throw error;
}

/**
 * The fewest later commits that have to go with the members, found by making history again: each that can't be made
 * without them. Null when they are more than `most`, or when undoing them all at the tip tells another tree.
 */
export async function closureOf(
  merge: Merge,
  history: History,
  members: ReadonlySet<string>,
  most: number,
): Promise<Closure | null> {
  const replayed = await replay(merge, { ...rest(history, members), most });
  if (replayed.tree === null) return null;
  let best = await provedClosure(merge, history, members, replayed.dependants);
  if (best === null) return null;
  for (const extra of [...replayed.dependants].reverse()) {
    if (best.extras.length === 1) break;
    history.checkTime?.();
    const fewer: Dependant[] = best.extras.filter((one) => one !== extra);
    best = (await provedClosure(merge, history, members, fewer)) ?? best;
  }
  return best;
}

/** Both ways have to agree. What is to be made again without less of them is mostly known to conflict: so that comes first. */
async function provedClosure(
  merge: Merge,
  history: History,
  members: ReadonlySet<string>,
  extras: readonly Dependant[],
): Promise<Closure | null> {
  const all = new Set([...members, ...extras.map(({ change }) => change.commit)]);
  const { tree } = await replay(merge, { ...rest(history, all), most: 0 });
  if (tree === null) return null;
  const undone = await undo(merge, history.head, chosen(history, all));
  return undone.tree === tree ? { tree, extras, keptDeleted: undone.keptDeleted ?? [] } : null;
}

function chosen({ changes }: History, members: ReadonlySet<string>): Change[] {
  return changes.filter(({ commit }) => members.has(commit));
}

function rest(
  { base, changes, touching, checkTime }: History,
  members: ReadonlySet<string>,
): Omit<Parameters<typeof replay>[1], 'most'> {
  const kept = changes.filter(({ commit }) => !members.has(commit));
  return { base, changes: kept, touching, ...(checkTime && { checkTime }) };
}
