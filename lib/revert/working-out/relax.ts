import type { FileDiff, FileSide } from '../../git/diffs/line-diff.ts';
import { type ObjectReader } from '../../git/objects/catfile.ts';
import { type Scratch, writeObject } from '../../git/objects/scratch.ts';
import { editTree, type TreeEdit } from '../../git/trees/tree-edit.ts';
import { dataFormat, isLockfile } from '../kinds/path-kinds.ts';
import { linesOfText, textOfLines } from '../lines/hunk.ts';
import { type Fate, type HunkFate, takeBack } from '../lines/take-back.ts';
import { editsSince, type Later, type LaterNames, type Since } from './since.ts';

/** What taking work back place by place needs. */
interface Bench {
  readonly scratch: Scratch;
  readonly reader: ObjectReader;
  /** Whether a path that is gone lives on elsewhere. */
  readonly carriedOff: (path: string) => Promise<boolean>;
}

/** Three trees: as the work left it, without the work, and as it is now. */
export interface WorkAndSince {
  readonly base: string;
  readonly without: string;
  readonly now: string;
  /** The commit that left the work as it is in `base`. */
  readonly landed: string;
}

/** What became of the work in one file. */
export interface FileFate {
  /** As the work left it. */
  readonly path: string;
  /** The commit that left it so. */
  readonly landed: string;
  /** Its name now; null when it is gone. */
  readonly now: string | null;
  /** Of the file as a whole where lines tell nothing: it was added, deleted, or is no text. */
  readonly whole: Fate | null;
  readonly places: readonly HunkFate[];
}

export interface Relaxed {
  readonly tree: string;
  readonly files: readonly FileFate[];
}

/**
 * Takes work back from a tree, place by place: what nobody has changed since goes, what others have overwritten stays as
 * they left it, and what is alive beside later edits is told as blocked and stays too. Files are followed by name.
 */
export async function relax(shop: Bench, trees: WorkAndSince, names: LaterNames): Promise<Relaxed> {
  const { scratch } = shop;
  const inverse = await scratch.lines.between({ from: trees.base, to: trees.without });
  const since = await editsSince(shop, trees, inverse, names);
  const edits: TreeEdit[] = [];
  const files: FileFate[] = [];
  for (const diff of inverse) {
    const made = await fileWithout(shop, diff, since);
    edits.push(...made.edits);
    files.push({ ...made.fate, landed: trees.landed });
  }
  return { tree: await editTree(scratch, trees.now, edits), files };
}

interface Made {
  readonly edits: readonly TreeEdit[];
  readonly fate: Omit<FileFate, 'landed'>;
}

async function fileWithout(shop: Bench, inverse: FileDiff, since: Since): Promise<Made> {
  const { from, to } = inverse;
  if (from === null) return to === null ? nothing('', null, 'done') : restored(to, since);
  const later = since.by.get(from.path) ?? { now: from, hunks: [] };
  const { now } = later;
  if (to === null)
    return now === null && (await shop.carriedOff(from.path))
      ? nothing(from.path, null, 'blocked')
      : deleted(from, now);
  if (now === null)
    return nothing(from.path, null, (await shop.carriedOff(from.path)) ? 'blocked' : 'superseded');
  const path = nameWithout(from, to, now, since);
  if (path === null) return nothing(from.path, now.path, 'blocked');
  const mode = from.mode !== to.mode && now.mode === from.mode ? to.mode : now.mode;
  const content = await contentWithout(shop, inverse, later, { from, to, now });
  const changed = content.oid !== now.oid || mode !== now.mode || path !== now.path;
  const edits: TreeEdit[] = changed ? [{ path, entry: { mode, oid: content.oid } }] : [];
  if (path !== now.path) edits.push({ path: now.path, entry: null });
  return { edits, fate: { path: from.path, now: now.path, whole: content.whole, places: content.places } };
}

function nothing(path: string, now: string | null, whole: Fate): Made {
  return { edits: [], fate: { path, now, whole, places: [] } };
}

/** The work deleted it: it comes back unless something of that name came meanwhile. */
function restored(to: FileSide, { arrived }: Since): Made {
  const there = arrived.get(to.path);
  if (there !== undefined) return nothing(to.path, to.path, there.oid === to.oid ? 'done' : 'blocked');
  const { path, mode, oid } = to;
  return {
    edits: [{ path, entry: { mode, oid } }],
    fate: { path, now: null, whole: 'applied', places: [] },
  };
}

/** The work added it: it goes unless somebody has written in it since. */
function deleted(from: FileSide, now: FileSide | null): Made {
  if (now === null) return nothing(from.path, null, 'done');
  if (now.oid !== from.oid) return nothing(from.path, now.path, 'blocked');
  return {
    edits: [{ path: now.path, entry: null }],
    fate: { path: from.path, now: now.path, whole: 'applied', places: [] },
  };
}

/** Where the work renamed it, its old name again, if nothing else has that now; null when it was renamed once more. */
function nameWithout(from: FileSide, to: FileSide, now: FileSide, { arrived }: Since): string | null {
  if (from.path === to.path) return now.path;
  return now.path === from.path && !arrived.has(to.path) ? to.path : null;
}

interface Content {
  readonly oid: string;
  readonly whole: Fate | null;
  readonly places: readonly HunkFate[];
}

async function contentWithout(
  { scratch, reader }: Bench,
  inverse: FileDiff,
  { hunks: edits }: Later,
  { from, to, now }: { readonly from: FileSide; readonly to: FileSide; readonly now: FileSide },
): Promise<Content> {
  if (from.oid === to.oid) return { oid: now.oid, whole: 'applied', places: [] };
  // Lines of two versions of a lockfile never make a third.
  if (inverse.hunks === null || edits === null || isLockfile(from.path)) {
    if (now.oid === from.oid) return { oid: to.oid, whole: 'applied', places: [] };
    return { oid: now.oid, whole: now.oid === to.oid ? 'done' : 'blocked', places: [] };
  }
  const kind = dataFormat(from.path) === null ? 'code' : 'data';
  const base = await reader.read(from.oid);
  if (base === null) return { oid: now.oid, whole: 'blocked', places: [] };
  const { lines, fates } = takeBack(linesOfText(base.content), inverse.hunks, edits, kind);
  const oid = await writeObject(scratch, 'blob', textOfLines(lines));
  return { oid, whole: null, places: fates };
}
