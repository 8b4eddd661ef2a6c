import type { ObjectReader } from './catfile.ts';
import type { Entry, EntryDiff } from './entry-diff.ts';
import { emptyTree } from './index-diff.ts';
import { FOLDER, TreeListing } from './tree-listing.ts';

/** What was found between two trees, as far as they are here. */
export interface TreeWalk {
  readonly diffs: readonly EntryDiff[];
  /** Trees that are not here. */
  readonly missing: readonly string[];
  /** Trees that no git would write. */
  readonly malformed: readonly string[];
  /** Trees that were read for it. */
  readonly opened: readonly string[];
  /** There was more to look at than the limit. */
  readonly isCut: boolean;
}

/** Entries that are looked at, at most: a few small trees can say that they hold any number of files. */
const MOST_ENTRIES = 1_000_000;
const MOST_DEPTH = 500;

/** Walks through pairs of trees. Trees that many pairs have are read once. */
export interface TreeWalker {
  /** The paths two trees differ in; null is a tree with nothing in it. */
  between(from: string | null, to: string | null): Promise<TreeWalk>;
  /** What a tree has at a path (bytes in latin1); null where it has nothing, or is not here. */
  at(tree: string, path: string): Promise<Entry | null>;
}

type ReadTree = (oid: string) => Promise<TreeListing | 'missing' | 'malformed'>;

/** Trees that are remembered, at most. */
const MOST_TREES = 1000;

/** Compares trees by what the reader gives, without a process of its own. */
export function openTreeWalker(reader: ObjectReader, mostEntries: number = MOST_ENTRIES): TreeWalker {
  const read = rememberedTrees(reader);
  return {
    between: async (from, to) => {
      const walk: Walk = {
        diffs: [],
        missing: new Set(),
        malformed: new Set(),
        opened: [],
        left: mostEntries,
      };
      await descend(read, walk, { from, to, prefix: '', depth: 0 });
      const { diffs, missing, malformed, opened, left } = walk;
      return { diffs, missing: [...missing], malformed: [...malformed], opened, isCut: left < 0 };
    },
    at: async (top, path) => {
      let entry: Entry | null = { mode: FOLDER, oid: top };
      for (const name of path.split('/')) {
        const tree: TreeListing | string = entry?.mode === FOLDER ? await read(entry.oid) : 'missing';
        entry = typeof tree === 'string' ? null : tree.named(name);
      }
      return entry === null ? null : inFull(entry);
    },
  };
}

interface Walk {
  readonly diffs: EntryDiff[];
  readonly missing: Set<string>;
  readonly malformed: Set<string>;
  readonly opened: string[];
  left: number;
}

interface Folders {
  readonly from: string | null;
  readonly to: string | null;
  readonly prefix: string;
  readonly depth: number;
}

/** Folders that are the same are not even opened. */
async function descend(read: ReadTree, walk: Walk, folders: Folders): Promise<void> {
  const { from, to, depth } = folders;
  if (from === to || walk.left < 0) return;
  const [old, now] = await Promise.all([opened(read, walk, from), opened(read, walk, to)]);
  if (old === null || now === null) return;
  walk.left -= depth > MOST_DEPTH ? Number.POSITIVE_INFINITY : old.size + now.size + 1;
  const within: Folders[] = [];
  for (const [name, was, is] of unequal(old, now)) within.push(...taken(walk, folders, name, was, is));
  // Side by side, as git is asked; past the limit each of them ends at once.
  await Promise.all(within.map((one) => descend(read, walk, one)));
}

/** Entries that are not in both trees alike, by name: both are in one order. A file and a folder of one name are two. */
function* unequal(
  old: TreeListing,
  now: TreeListing,
): Generator<readonly [key: string, was: Entry | null, is: Entry | null]> {
  for (let i = 0, j = 0; i < old.size || j < now.size; ) {
    const order = i >= old.size ? 1 : j >= now.size ? -1 : old.order(i, now, j);
    if (order !== 0 || !old.isSame(i, now, j))
      yield [
        order <= 0 ? old.key(i) : now.key(j),
        order <= 0 ? old.entry(i) : null,
        order >= 0 ? now.entry(j) : null,
      ];
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
}

/** Takes down a file that differs, and gives the folders to look into. */
function taken(
  walk: Walk,
  { prefix, depth }: Folders,
  key: string,
  was: Entry | null,
  is: Entry | null,
): Folders[] {
  const path = prefix + key;
  if (key.endsWith('/'))
    return [{ from: was?.oid ?? null, to: is?.oid ?? null, prefix: path, depth: depth + 1 }];
  walk.diffs.push({ path, from: was && inFull(was), to: is && inFull(is) });
  return [];
}

async function opened(read: ReadTree, walk: Walk, oid: string | null): Promise<TreeListing | null> {
  if (oid === null) return TreeListing.NOTHING;
  walk.opened.push(oid);
  const tree = await read(oid);
  if (typeof tree !== 'string') return tree;
  walk[tree].add(oid);
  return null;
}

/** As `git diff --raw` prints a mode. */
function inFull({ mode, oid }: Entry): Entry {
  return { mode: mode.padStart(6, '0'), oid };
}

function rememberedTrees(reader: ObjectReader): ReadTree {
  const known = new Map<string, ReturnType<ReadTree>>();
  return (oid) => {
    const asked = known.get(oid) ?? readTree(reader, oid);
    // Taken out and put back: the first in it is then what nobody asked for longest.
    known.delete(oid);
    known.set(oid, asked);
    if (known.size > MOST_TREES) known.delete(known.keys().next().value ?? '');
    return asked;
  };
}

async function readTree(reader: ObjectReader, oid: string): ReturnType<ReadTree> {
  if (EMPTY.has(oid)) return TreeListing.NOTHING;
  const object = await reader.read(oid);
  if (object?.type !== 'tree') return object === null ? 'missing' : 'malformed';
  return TreeListing.parse(object.content, oid.length / 2) ?? 'malformed';
}

/** git knows it without storing it. */
const EMPTY: ReadonlySet<string> = new Set([emptyTree('sha1'), emptyTree('sha256')]);
