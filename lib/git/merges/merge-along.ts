import type { Entry, EntryDiff } from '../diffs/entry-diff.ts';
import type { Scratch } from '../objects/scratch.ts';
import { type FolderQuestion, type OpenMerge, Overlay } from '../trees/overlay.ts';
import { editTreeBytes, parseEntries } from '../trees/tree-edit.ts';
import { guesser } from './guess-blob.ts';
import { mergeFiles, type ThreeBlobs } from './merge-files.ts';
import type { MergeConflict, Merged, ThreeTrees } from './merge-trees.ts';

/** From one tree of a history to the next. */
export interface Step {
  readonly from: string;
  readonly to: string;
  /** Whether what changes there is made in the tree that comes out, or left out of it. */
  readonly isMade: boolean;
  /** The side that was made last: what it deleted stays deleted. */
  readonly later?: ThreeTrees['later'];
}

/** The tree that comes out of all steps, or the first one that conflicts. */
export type Along =
  | { readonly tree: string; readonly stopped: null; readonly keptDeleted: readonly string[] }
  | {
      readonly tree: null;
      readonly keptDeleted?: never;
      readonly stopped: { readonly step: number; readonly conflicts: readonly MergeConflict[] };
    };

export type MergeAlong = (steps: readonly Step[]) => Promise<Along>;

/**
 * Merges many changes one after another, as `git merge-tree` would one by one: each step begins where the one before ended,
 * the first in the tree that is worked on. A path that only one side changed is taken as it is; contents that both sides
 * changed are merged by git, many in one process; where renames or folders may play a part, git merges the whole trees.
 * What was once read or merged is not asked for again.
 */
export function mergerAlong(scratch: Scratch, merge: (trees: ThreeTrees) => Promise<Merged>): MergeAlong {
  const shop: Shop = {
    scratch,
    merge,
    diffs: new Map(),
    merged: new Map(),
    guess: guesser(scratch),
    prefixes: new Map(),
    reached: new Map(),
  };
  return (steps) => walk(shop, steps, new Set());
}

interface Shop {
  readonly scratch: Scratch;
  readonly merge: (trees: ThreeTrees) => Promise<Merged>;
  readonly diffs: Map<string, readonly EntryDiff[]>;
  readonly merged: Map<string, string | null>;
  readonly guess: (files: ThreeBlobs) => Promise<string | null>;
  /** Numbers for the beginnings of walks: of each, by the one that is a step shorter, and that step. */
  readonly prefixes: Map<string, number>;
  /** Where whole trees were merged: what came out of that beginning of a walk. */
  readonly reached: Map<number, Reached>;
}

interface Reached {
  readonly tree: string;
  readonly kept: readonly string[];
}

/** `doubtful` are steps that git is to merge as whole trees. */
async function walk(shop: Shop, steps: readonly Step[], doubtful: ReadonlySet<number>): Promise<Along> {
  await readDiffs(shop, steps);
  const open: (readonly [step: number, merge: OpenMerge])[] = [];
  const prefixes = prefixesOf(shop, steps);
  const begun = prefixes.findLastIndex((prefix) => shop.reached.has(prefix));
  const { tree: start, kept: before } = shop.reached.get(prefixes[begun] ?? -1) ?? NOWHERE;
  const kept = new Set<string>(before);
  let overlay = start === null ? new Overlay() : await overlayTo(shop, start, steps[begun]?.to ?? '');
  for (const [at, step] of steps.entries()) {
    if (at <= begun) continue;
    const changes = diffOf(shop, step);
    if (!step.isMade) {
      overlay.leaveOut(changes);
      continue;
    }
    const wanted =
      doubtful.has(at) || !(await hasNoRenames(shop, step, overlay, changes)) ? null : overlay.take(changes);
    if (wanted !== null) {
      open.push(...wanted.map((merge) => [at, merge] as const));
      continue;
    }
    const conflicting = await settleAll(shop, open.splice(0));
    if (conflicting !== null) return walk(shop, steps, new Set([...doubtful, conflicting]));
    const ours = await treeOf(shop, step.from, overlay, start ?? steps[0]?.from);
    const trees = { base: step.from, ours, theirs: step.to, ...(step.later && { later: step.later }) };
    const { tree, conflicts, keptDeleted = [] } = await shop.merge(trees);
    if (conflicts.length > 0) return { tree: null, stopped: { step: at, conflicts } };
    for (const path of keptDeleted) kept.add(path);
    overlay = await overlayTo(shop, tree, step.to);
    shop.reached.set(prefixes[at] ?? -1, { tree, kept: [...kept] });
  }
  const conflicting = await settleAll(shop, open);
  if (conflicting !== null) return walk(shop, steps, new Set([...doubtful, conflicting]));
  const tree = await treeOf(shop, steps.at(-1)?.to ?? '', overlay, start ?? steps[0]?.from);
  return { tree, stopped: null, keptDeleted: [...kept] };
}

const NOWHERE = { tree: null, kept: [] };

/** How a tree that was merged differs from one that git knows. */
async function overlayTo(shop: Shop, made: string, known: string): Promise<Overlay> {
  const pair = { from: made, to: known };
  await readDiffs(shop, [pair]);
  const overlay = new Overlay();
  overlay.leaveOut(diffOf(shop, pair));
  return overlay;
}

/** The numbers of all beginnings of a walk; two walks that begin alike have the same ones. */
function prefixesOf({ prefixes }: Shop, steps: readonly Step[]): number[] {
  let before = -1;
  return steps.map(({ from, to, isMade, later }) => {
    const key = `${before} ${from} ${to} ${isMade} ${later}`;
    before = prefixes.get(key) ?? prefixes.size;
    prefixes.set(key, before);
    return before;
  });
}

async function readDiffs(
  { scratch, diffs }: Shop,
  steps: readonly Pick<Step, 'from' | 'to'>[],
): Promise<void> {
  const missing = steps.filter(({ from, to }) => !diffs.has(`${from} ${to}`));
  const found = await scratch.diffs.between(missing);
  for (const [at, { from, to }] of missing.entries()) diffs.set(`${from} ${to}`, found[at] ?? []);
}

function diffOf({ diffs }: Shop, { from, to }: Pick<Step, 'from' | 'to'>): readonly EntryDiff[] {
  return diffs.get(`${from} ${to}`) ?? [];
}

/**
 * Merges contents, those that build on others with what those are guessed to be: git confirms all in one process unless a
 * guess was wrong. Gives the first step that conflicts; null when none does.
 */
async function settleAll(
  shop: Shop,
  open: readonly (readonly [step: number, merge: OpenMerge])[],
): Promise<number | null> {
  let waiting = open.map(([, merge]) => merge).filter(({ merged }) => merged === undefined);
  while (waiting.length > 0) {
    await mergeContents(shop, await guessedBlobs(shop, waiting));
    for (const merge of waiting) {
      const blobs = asBlobs(merge);
      const merged = blobs === null ? undefined : shop.merged.get(keyOf(blobs));
      if (merged !== undefined) merge.merged = merged;
      else if (typeof merge.ours !== 'string' && merge.ours.merged === null) merge.merged = null;
    }
    waiting = waiting.filter(({ merged }) => merged === undefined);
  }
  const conflicting = open.filter(([, { merged }]) => merged === null).map(([step]) => step);
  return conflicting.length === 0 ? null : Math.min(...conflicting);
}

/** What git is to merge: all that is known, and what follows from that by guessing. */
async function guessedBlobs(shop: Shop, waiting: readonly OpenMerge[]): Promise<ThreeBlobs[]> {
  const guesses = new Map<OpenMerge, string>();
  const builtOn = new Set(waiting.map(({ ours }) => ours));
  const blobs: ThreeBlobs[] = [];
  for (const merge of waiting) {
    const { base, ours, theirs } = merge;
    const blob = typeof ours === 'string' ? ours : (ours.merged ?? guesses.get(ours));
    if (blob === undefined) continue;
    const three = { base, ours: blob, theirs };
    blobs.push(three);
    const guess = builtOn.has(merge) ? await shop.guess(three) : null;
    if (guess !== null) guesses.set(merge, guess);
  }
  return blobs;
}

/** What git needs to know to merge a file; null as long as that waits for another merge, or for ever. */
function asBlobs({ base, ours, theirs }: OpenMerge): ThreeBlobs | null {
  const blob = typeof ours === 'string' ? ours : ours.merged;
  return typeof blob === 'string' ? { base, ours: blob, theirs } : null;
}

async function mergeContents({ scratch, merged }: Shop, files: readonly ThreeBlobs[]): Promise<void> {
  const missing = new Map<string, ThreeBlobs>();
  for (const file of files) {
    const key = keyOf(file);
    if (merged.has(key)) continue;
    if (file.ours === file.theirs || file.base === file.ours) merged.set(key, file.theirs);
    else if (file.base === file.theirs) merged.set(key, file.ours);
    else missing.set(key, file);
  }
  const blobs = await mergeFiles(scratch, [...missing.values()]);
  for (const [at, key] of [...missing.keys()].entries()) merged.set(key, blobs[at] ?? null);
}

function keyOf({ base, ours, theirs }: ThreeBlobs): string {
  return `${base} ${ours} ${theirs}`;
}

/** From so many paths on it is worth looking whether another tree is nearer. */
const MANY_EDITS = 8;

/** The tree an overlay makes of a known one; `begun`, where the walk began, may have more in common with it. */
async function treeOf(
  shop: Shop,
  known: string,
  overlay: Overlay,
  begun: string | undefined,
): Promise<string> {
  const edits = new Map(
    [...overlay.edits()].map(([path, made]): [string, Entry | null] => {
      if (made === null || typeof made.oid === 'string') return [path, made as Entry | null];
      return [path, { mode: made.mode, oid: made.oid.merged ?? '' }];
    }),
  );
  if (edits.size < MANY_EDITS || begun === undefined) return editTreeBytes(shop.scratch, known, edits);
  const pair = { from: begun, to: known };
  await readDiffs(shop, [pair]);
  const nearer = editsOf(edits, diffOf(shop, pair));
  return nearer.size < edits.size
    ? editTreeBytes(shop.scratch, begun, nearer)
    : editTreeBytes(shop.scratch, known, edits);
}

/** Edits of one tree as those of another, `changes` being from that other one to it. */
function editsOf(
  edits: ReadonlyMap<string, Entry | null>,
  changes: readonly EntryDiff[],
): ReadonlyMap<string, Entry | null> {
  const others = new Map(edits);
  for (const { path, from, to } of changes) {
    const made = edits.has(path) ? (edits.get(path) ?? null) : to;
    if (made?.oid === from?.oid && made?.mode === from?.mode) others.delete(path);
    else others.set(path, made);
  }
  return others;
}

async function hasNoRenames(
  { scratch }: Shop,
  step: Step,
  overlay: Overlay,
  changes: readonly EntryDiff[],
): Promise<boolean> {
  for (const question of overlay.questions(changes))
    if (!(await isStillThere(scratch, step, question))) return false;
  return true;
}

/** A folder is there as long as one entry of it has lost nothing. */
async function isStillThere(
  scratch: Scratch,
  step: Step,
  { folder, touched }: FolderQuestion,
): Promise<boolean> {
  const object = await scratch.reader.read(
    folder === '' ? step.from : `${step.from}:${Buffer.from(folder, 'latin1').toString('utf8')}`,
  );
  return object?.type === 'tree' && parseEntries(object.content, object.oid.length / 2).size > touched;
}
