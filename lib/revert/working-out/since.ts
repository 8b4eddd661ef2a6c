import type { Entry } from '../../git/diffs/entry-diff.ts';
import { type FileDiff, type FileSide, type LineChange, lineDiffs } from '../../git/diffs/line-diff.ts';
import type { ObjectReader } from '../../git/objects/catfile.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { FOLDER } from '../../git/trees/tree-content.ts';
import { editTree, type TreeEdit } from '../../git/trees/tree-edit.ts';
import { entryAt } from '../kinds/tree-entry.ts';
import { fileChangesBetween } from './file-changes.ts';

/** What became of a file. */
export interface Later {
  /** Null where it was taken away. */
  readonly now: FileSide | null;
  /** Null where lines do not tell. */
  readonly hunks: readonly LineChange[] | null;
}

/** What became of each file the work left, by its path then, and what has come under a name that was free then. */
export interface Since {
  readonly by: ReadonlyMap<string, Later>;
  readonly arrived: ReadonlyMap<string, FileSide>;
}

/** What a file is called at the end of the history, by its name as the work left it; null where it was taken away. */
export type LaterNames = (path: string) => string | null;

interface Place {
  readonly scratch: Scratch;
  readonly reader: ObjectReader;
}

interface Trees {
  readonly base: string;
  readonly now: string;
}

/**
 * How the files of some work were edited since. Each is held against what it is called now, however much of it was
 * rewritten; only of what was taken away is asked whether git sees it elsewhere.
 */
export async function editsSince(
  place: Place,
  trees: Trees,
  inverse: readonly FileDiff[],
  names: LaterNames,
): Promise<Since> {
  const own = inverse.flatMap(({ from }) => (from === null ? [] : [from]));
  const present = await presentNames(place, trees, own, names);
  const came = inverse.flatMap(({ to }) => (to === null ? [] : [to.path]));
  const wanted = [...new Set([...own.map(({ path }) => path), ...present.values(), ...came])];
  if (wanted.length === 0) return { by: new Map(), arrived: new Map() };
  const diffs =
    (await fileByFile(place, trees, { own, present, wanted })) ??
    (await asTrees(place, trees, { own, present, wanted }));
  const told = new Map(diffs.flatMap((diff) => (diff.from === null ? [] : [[diff.from.path, diff]])));
  const arrived = diffs.flatMap(({ to }): [string, FileSide][] => (to === null ? [] : [[to.path, to]]));
  const by = own.map((from): [string, Later] => {
    const path = present.get(from.path) ?? from.path;
    const { to: now, hunks } = told.get(path) ?? { to: { ...from, path }, hunks: [] };
    return [from.path, { now, hunks }];
  });
  return { by: new Map(by), arrived: new Map(arrived) };
}

/** Names of what is there now, by the names the work left. Those that are not in it are nowhere. */
async function presentNames(
  { scratch, reader }: Place,
  { base, now }: Trees,
  own: readonly FileSide[],
  names: LaterNames,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const { path } of own)
    for (const name of [names(path), path])
      if (!found.has(path) && name !== null && (await entryAt(reader, now, name)) !== null)
        found.set(path, name);
  if (found.size === own.length) return found;
  for (const { from, to } of (await fileChangesBetween(scratch, [{ from: base, to: now }])).flat())
    if (from !== null && to !== null && own.some(({ path }) => path === from.path) && !found.has(from.path))
      found.set(from.path, to.path);
  return found;
}

interface Wanted {
  readonly own: readonly FileSide[];
  readonly present: ReadonlyMap<string, string>;
  /** Every path that is asked about, once. */
  readonly wanted: readonly string[];
}

/** What a tree has at a path, and at no path a folder: null where one is asked about, or a file within one of the others. */
async function fileByFile(
  { scratch, reader }: Place,
  { base, now }: Trees,
  { own, present, wanted }: Wanted,
): Promise<FileDiff[] | null> {
  if (wanted.some((path) => wanted.some((other) => other.startsWith(`${path}/`)))) return null;
  const before = new Map<string, Entry | null>(own.map(({ path }) => [path, null]));
  for (const { path, mode, oid } of own) before.set(present.get(path) ?? path, { mode, oid });
  const pairs = await Promise.all(
    wanted.map(async (path) => ({
      path,
      from: before.has(path) ? (before.get(path) ?? null) : await asGitTells(reader, base, path),
      to: await asGitTells(reader, now, path),
    })),
  );
  if (pairs.some(({ from, to }) => from?.mode === FOLDER || to?.mode === FOLDER)) return null;
  const hunks = await scratch.files.between(pairs);
  const side = (path: string, entry: Entry | null): FileSide | null => entry && { ...entry, path };
  return pairs.flatMap(({ path, from, to }, at) =>
    from?.oid === to?.oid && from?.mode === to?.mode
      ? []
      : [{ from: side(path, from), to: side(path, to), hunks: hunks[at] ?? null }],
  );
}

/** Old trees have other modes of files than the two there are. */
async function asGitTells(reader: ObjectReader, tree: string, path: string): Promise<Entry | null> {
  const found = await entryAt(reader, tree, path);
  if (found === null) return null;
  const { mode, oid } = found;
  if (!mode.startsWith('100')) return { mode, oid };
  return { mode: (Number.parseInt(mode, 8) & 0o100) === 0 ? '100644' : '100755', oid };
}

async function asTrees(
  { scratch }: Place,
  trees: Trees,
  { own, present, wanted }: Wanted,
): Promise<FileDiff[]> {
  const base = await underPresentNames(scratch, trees.base, own, present);
  const [diffs = []] = await lineDiffs(scratch, [{ from: base, to: trees.now }], wanted, 'by-path');
  return diffs;
}

/** The tree with files under the names they have now, so that each is held against itself. */
function underPresentNames(
  scratch: Scratch,
  tree: string,
  own: readonly FileSide[],
  present: ReadonlyMap<string, string>,
): Promise<string> {
  const renamed = own.flatMap(({ path, mode, oid }) => {
    const name = present.get(path) ?? path;
    return name === path ? [] : [{ path, name, entry: { mode, oid } }];
  });
  const left = renamed.map(({ path }): TreeEdit => ({ path, entry: null }));
  return editTree(scratch, tree, [...left, ...renamed.map(({ name, entry }) => ({ path: name, entry }))]);
}
