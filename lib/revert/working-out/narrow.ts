import type { Scratch } from '../../git/objects/scratch.ts';
import type { TreePair } from '../../git/trees/tree-diff.ts';
import { editTree, type TreeEdit } from '../../git/trees/tree-edit.ts';
import type { Change } from './change.ts';
import { fileChangesBetween } from './file-changes.ts';
import { nameOf, pathsOf } from './touched-paths.ts';

/** Changes of a branch, and which of them are to go. */
export interface Marked {
  /** Oldest first. */
  readonly changes: readonly Change[];
  readonly going: ReadonlySet<string>;
}

/** A change of a commit that was divided has a name of its own. */
const IN_PART = ' in part';

/** The commit a change comes from, also where it is only a part of it. */
export function commitOf({ commit }: Change): string {
  return commit.endsWith(IN_PART) ? commit.slice(0, -IN_PART.length) : commit;
}

export function inPart(commit: string): string {
  return commit.endsWith(IN_PART) ? commit : `${commit}${IN_PART}`;
}

/**
 * Leaves some paths of what is to go. What stays is counted as if it had been made first, and what goes after it: of
 * commits that follow one another without a gap, all that stays before all that goes.
 */
export async function narrowed(
  scratch: Scratch,
  { changes, going }: Marked,
  stays: (change: Change) => ReadonlySet<string>,
): Promise<Marked> {
  const made: Change[] = [];
  const names = new Set<string>();
  for (let at = 0; at < changes.length; ) {
    const stretch = stretchAt(changes, going, at);
    const divided = await divide(scratch, stretch, going, stays);
    made.push(...divided.changes);
    for (const name of divided.going) names.add(name);
    at += stretch.length;
  }
  return { changes: made, going: names };
}

/** Neighbours that all go, or one change. */
function stretchAt(changes: readonly Change[], going: ReadonlySet<string>, at: number): readonly Change[] {
  let end = at + 1;
  const goes = (i: number): boolean => going.has(changes[i]?.commit ?? '');
  while (goes(at) && goes(end) && changes[end]?.before === changes[end - 1]?.after) end++;
  return changes.slice(at, end);
}

async function divide(
  scratch: Scratch,
  stretch: readonly Change[],
  going: ReadonlySet<string>,
  stays: (change: Change) => ReadonlySet<string>,
): Promise<Marked> {
  const [first] = stretch;
  const whole = { changes: stretch, going: namesAmong(stretch, going) };
  if (first === undefined || !going.has(first.commit)) return whole;
  const staying = stretch.map(stays);
  if (staying.every((paths) => paths.size === 0)) return whole;
  const all = new Set(staying.flatMap((paths) => [...paths]));
  // What one leaves and another takes can't be told apart in one go.
  if (stretch.length === 1 || (await isUniform(scratch, stretch, staying, all)))
    return oneAfterAnother(scratch, stretch, all);
  const parts: Marked[] = [];
  for (const change of stretch) parts.push(await divide(scratch, [change], going, stays));
  return {
    changes: parts.flatMap((part) => part.changes),
    going: new Set(parts.flatMap((part) => [...part.going])),
  };
}

function namesAmong(changes: readonly Change[], going: ReadonlySet<string>): Set<string> {
  return new Set(changes.map(({ commit }) => commit).filter((commit) => going.has(commit)));
}

async function isUniform(
  scratch: Scratch,
  stretch: readonly Change[],
  staying: readonly ReadonlySet<string>[],
  all: ReadonlySet<string>,
): Promise<boolean> {
  for (const [i, change] of stretch.entries())
    for (const path of await pathsOf(scratch, change))
      if (all.has(path) && staying[i]?.has(path) !== true) return false;
  return true;
}

/** First what stays of each, then what goes of each. */
async function oneAfterAnother(
  scratch: Scratch,
  stretch: readonly Change[],
  staying: ReadonlySet<string>,
): Promise<Marked> {
  const start = stretch[0]?.before ?? '';
  const end = stretch.at(-1)?.after ?? '';
  const changes: Change[] = [];
  const going = new Set<string>();
  let before = start;
  const stayed = new Set<string>();
  for (const change of stretch) {
    const after = await withPaths(scratch, start, change.after, staying);
    if (after === before) continue;
    changes.push({ commit: commitOf(change), before, after });
    stayed.add(change.commit);
    before = after;
  }
  for (const change of stretch) {
    const after = await withPaths(scratch, change.after, end, staying);
    if (after === before) continue;
    const name = stayed.has(change.commit) ? inPart(change.commit) : change.commit;
    changes.push({ commit: name, before, after });
    going.add(name);
    before = after;
  }
  return { changes, going };
}

/** A tree in which some paths are as in another. */
export async function withPaths(
  scratch: Scratch,
  tree: string,
  other: string,
  paths: ReadonlySet<string>,
): Promise<string> {
  const edits: TreeEdit[] = [];
  const [entries = []] = await scratch.diffs.between([{ from: tree, to: other }]);
  for (const { path: bytes, to } of entries) {
    const path = nameOf(bytes);
    if (path !== null && paths.has(path)) edits.push({ path, entry: to });
  }
  return editTree(scratch, tree, edits);
}

/**
 * The paths of a change that somebody means by paths or folders: as they were called then or are now. Both names of a
 * file it renamed belong together.
 */
export async function chosenPaths(
  scratch: Scratch,
  change: Change,
  now: string,
  isMeant: (path: string) => boolean,
): Promise<Set<string>> {
  const [own = [], later = []] = await fileChangesBetween(scratch, pairsOf(change, now));
  const present = new Map(later.map(({ from, to }) => [from?.path ?? '', to?.path ?? '']));
  const chosen = new Set<string>();
  for (const { from, to } of own) {
    const names = [from?.path, to?.path, present.get(to?.path ?? '')].filter((path) => path !== undefined);
    if (!names.some(isMeant)) continue;
    for (const side of [from, to]) if (side !== null) chosen.add(side.path);
  }
  return chosen;
}

/** What has to be known of changes for `chosenPaths` to tell their paths; many are asked for in one go. */
export async function readNames(scratch: Scratch, changes: readonly Change[], now: string): Promise<void> {
  await fileChangesBetween(
    scratch,
    changes.flatMap((change) => pairsOf(change, now)),
  );
}

function pairsOf({ before, after }: Change, now: string): TreePair[] {
  return [
    { from: before, to: after },
    { from: after, to: now },
  ];
}
