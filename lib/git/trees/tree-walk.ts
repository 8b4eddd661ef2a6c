import type { Entry, EntryDiff } from '../diffs/entry-diff.ts';
import { type GitObject, type ObjectReader, readMany } from '../objects/catfile.ts';
import { emptyTree } from '../repository/index-diff.ts';
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
  /** The paths two trees differ in; null is a tree with nothing in it. Pairs that are asked for in one go are walked side by side. */
  between(from: string | null, to: string | null): Promise<TreeWalk>;
  /** What a tree has at a path (bytes in latin1); null where it has nothing, or is not here. */
  at(tree: string, path: string): Promise<Entry | null>;
}

/** Compares trees by what the reader gives, without a process of its own. */
export function openTreeWalker(reader: ObjectReader, mostEntries: number = MOST_ENTRIES): TreeWalker {
  const read = rememberedTrees(reader);
  let waiting: Waiting[] = [];
  const walkWaiting = (): void => {
    const walks = waiting;
    waiting = [];
    walkAll(read, walks).then(
      () => walks.forEach(({ walk, resolve }) => resolve(resultOf(walk))),
      (error: unknown) => walks.forEach(({ reject }) => reject(error)),
    );
  };
  return {
    between: (from, to) =>
      new Promise((resolve, reject) => {
        if (waiting.length === 0) process.nextTick(walkWaiting);
        const walk = { diffs: [], missing: new Set<string>(), malformed: new Set<string>(), opened: [] };
        waiting.push({ walk: { ...walk, left: mostEntries }, from, to, resolve, reject });
      }),
    at: async (top, path) => {
      let entry: Entry | null = { mode: FOLDER, oid: top };
      for (const name of path.split('/')) {
        const tree: Tree | undefined =
          entry?.mode === FOLDER ? (await read([{ from: null, to: entry.oid }])).get(entry.oid) : 'missing';
        entry = tree instanceof TreeListing ? tree.named(name) : null;
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

interface Waiting extends Pair {
  readonly walk: Walk;
  readonly resolve: (walk: TreeWalk) => void;
  readonly reject: (error: unknown) => void;
}

/** Ids of two trees; null is one with nothing in it. */
interface Pair {
  readonly from: string | null;
  readonly to: string | null;
}

/** Two folders of one walk that are not the same. */
interface Folders extends Pair {
  readonly walk: Walk;
  readonly prefix: string;
  readonly depth: number;
}

/** Pairs of folders whose trees are read at a time. */
const PAIRS_AT_ONCE = 250;

/** Folder by folder, those of all walks in turn: what lies deeper is known when what is above it was read. */
async function walkAll(read: ReadTrees, walks: readonly Waiting[]): Promise<void> {
  let open: Folders[] = [];
  for (const { walk, from, to } of walks) lookInto(open, { walk, from, to, prefix: '', depth: 0 });
  while (open.length > 0) {
    const within: Folders[] = [];
    for (let at = 0; at < open.length; at += PAIRS_AT_ONCE) {
      const part = open.slice(at, at + PAIRS_AT_ONCE).filter(({ walk }) => walk.left >= 0);
      const trees = await read(part);
      for (const folders of part) descend(trees, folders, within);
    }
    open = within;
  }
}

/** Folders that are the same are not even opened. */
function lookInto(open: Folders[], folders: Folders): void {
  if (folders.from !== folders.to) open.push(folders);
}

/** Compares two folders, and adds those to look into. Past the limit there is nothing more to look into. */
function descend(trees: Trees, folders: Folders, within: Folders[]): void {
  const { walk, from, to, prefix, depth } = folders;
  if (walk.left < 0) return;
  const [old, now] = [opened(trees, walk, from), opened(trees, walk, to)];
  if (old === null || now === null) return;
  walk.left -= depth > MOST_DEPTH ? Number.POSITIVE_INFINITY : old.size + now.size + 1;
  for (const [key, was, is] of unequal(old, now)) {
    const path = prefix + key;
    if (key.endsWith('/'))
      lookInto(within, { walk, from: was?.oid ?? null, to: is?.oid ?? null, prefix: path, depth: depth + 1 });
    else walk.diffs.push({ path, from: was && inFull(was), to: is && inFull(is) });
  }
}

function resultOf({ diffs, missing, malformed, opened: read, left }: Walk): TreeWalk {
  return { diffs, missing: [...missing], malformed: [...malformed], opened: read, isCut: left < 0 };
}

/** Entries that are not in both trees alike, by name: both are in one order. A file and a folder of one name are two. */
function* unequal(
  old: TreeListing,
  now: TreeListing,
): Generator<readonly [key: string, was: Entry | null, is: Entry | null]> {
  for (let i = 0, j = 0; i < old.size || j < now.size; ) {
    if (i < old.size && j < now.size && old.isSame(i, now, j)) {
      i++;
      j++;
      continue;
    }
    const order = i >= old.size ? 1 : j >= now.size ? -1 : old.order(i, now, j);
    yield [
      order <= 0 ? old.key(i) : now.key(j),
      order <= 0 ? old.entry(i) : null,
      order >= 0 ? now.entry(j) : null,
    ];
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
}

function opened(trees: Trees, walk: Walk, oid: string | null): TreeListing | null {
  if (oid === null) return TreeListing.NOTHING;
  walk.opened.push(oid);
  const tree = trees.get(oid) ?? 'missing';
  if (typeof tree !== 'string') return tree;
  walk[tree].add(oid);
  return null;
}

/** As `git diff --raw` prints a mode. */
function inFull({ mode, oid }: Entry): Entry {
  return { mode: mode.padStart(6, '0'), oid };
}

type Tree = TreeListing | 'missing' | 'malformed';
type Trees = ReadonlyMap<string, Tree>;
type ReadTrees = (pairs: readonly Pair[]) => Promise<Trees>;

/** Trees that are remembered, at least; at most twice as many. */
const MOST_TREES = 500;

/** Reads trees by id, and remembers those that were asked for last. */
function rememberedTrees(reader: ObjectReader): ReadTrees {
  let before: Trees = new Map();
  let known = new Map<string, Tree>();
  return async (pairs) => {
    const wanted = new Map<string, Tree>();
    const unread: string[] = [];
    const want = (oid: string | null): void => {
      if (oid === null || wanted.has(oid)) return;
      const tree = EMPTY.has(oid) ? TreeListing.NOTHING : (known.get(oid) ?? before.get(oid));
      if (tree === undefined) unread.push(oid);
      wanted.set(oid, tree ?? 'missing');
    };
    for (const { from, to } of pairs) {
      want(from);
      want(to);
    }
    await readMany(reader, unread, (object, at) => {
      const oid = unread[at] ?? '';
      wanted.set(oid, treeIn(object, oid));
    });
    if (known.size > MOST_TREES) {
      before = known;
      known = new Map();
    }
    for (const [oid, tree] of wanted) known.set(oid, tree);
    return wanted;
  };
}

function treeIn(object: GitObject | null, oid: string): Tree {
  if (object?.type !== 'tree') return object === null ? 'missing' : 'malformed';
  return TreeListing.parse(object.content, oid.length / 2) ?? 'malformed';
}

/** git knows it without storing it. */
const EMPTY: ReadonlySet<string> = new Set([emptyTree('sha1'), emptyTree('sha256')]);
