import type { ObjectReader } from './catfile.ts';
import type { Entry, EntryDiff } from './entry-diff.ts';
import { emptyTree } from './index-diff.ts';
import { parseEntries } from './tree-edit.ts';

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

type Entries = ReadonlyMap<string, Entry>;
type ReadEntries = (oid: string) => Promise<Entries | 'missing' | 'malformed'>;

/** Trees that are remembered, at most. */
const MOST_TREES = 2000;

/** Compares trees by what the reader gives, without a process of its own. */
export function openTreeWalker(reader: ObjectReader, mostEntries: number = MOST_ENTRIES): TreeWalker {
  const read = rememberedEntries(reader);
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
    at: async (tree, path) => {
      let entry: Entry | null = { mode: FOLDER, oid: tree };
      for (const name of path.split('/')) {
        const entries: Entries | string = entry?.mode === FOLDER ? await read(entry.oid) : 'missing';
        entry = typeof entries === 'string' ? null : (entries.get(name) ?? null);
      }
      return entry === null ? null : inFull(entry);
    },
  };
}

const FOLDER = '40000';

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
async function descend(read: ReadEntries, walk: Walk, folders: Folders): Promise<void> {
  const { from, to, prefix, depth } = folders;
  if (from === to || walk.left < 0) return;
  const [old, now] = await Promise.all([entriesOf(read, walk, from), entriesOf(read, walk, to)]);
  if (old === null || now === null) return;
  walk.left -= old.size + now.size + 1;
  if (depth > MOST_DEPTH) walk.left = -1;
  const within: Folders[] = [];
  const compare = (name: string, was: Entry | null, is: Entry | null): void => {
    if (was?.oid === is?.oid && was?.mode === is?.mode) return;
    const [wasFolder, isFolder] = [was?.mode === FOLDER, is?.mode === FOLDER];
    const path = prefix + name;
    if (wasFolder || isFolder)
      within.push({
        from: wasFolder ? (was?.oid ?? null) : null,
        to: isFolder ? (is?.oid ?? null) : null,
        prefix: `${path}/`,
        depth: depth + 1,
      });
    const [fileWas, fileIs] = [wasFolder ? null : was, isFolder ? null : is];
    if (fileWas !== null || fileIs !== null)
      walk.diffs.push({ path, from: fileWas && inFull(fileWas), to: fileIs && inFull(fileIs) });
  };
  for (const [name, was] of old) compare(name, was, now.get(name) ?? null);
  for (const [name, is] of now) if (!old.has(name)) compare(name, null, is);
  for (const one of within) await descend(read, walk, one);
}

async function entriesOf(read: ReadEntries, walk: Walk, oid: string | null): Promise<Entries | null> {
  if (oid === null) return NOTHING;
  walk.opened.push(oid);
  const entries = await read(oid);
  if (typeof entries !== 'string') return entries;
  walk[entries].add(oid);
  return null;
}

const NOTHING: Entries = new Map();

/** As `git diff --raw` prints a mode. */
function inFull({ mode, oid }: Entry): Entry {
  return { mode: mode.padStart(6, '0'), oid };
}

function rememberedEntries(reader: ObjectReader): ReadEntries {
  const known = new Map<string, ReturnType<ReadEntries>>();
  return (oid) => {
    const asked = known.get(oid) ?? readEntries(reader, oid);
    // Taken out and put back: the first in it is then what nobody asked for longest.
    known.delete(oid);
    known.set(oid, asked);
    if (known.size > MOST_TREES) known.delete(known.keys().next().value ?? '');
    return asked;
  };
}

async function readEntries(reader: ObjectReader, oid: string): ReturnType<ReadEntries> {
  if (EMPTY.has(oid)) return NOTHING;
  const object = await reader.read(oid);
  if (object?.type !== 'tree') return object === null ? 'missing' : 'malformed';
  return isWellFormed(object.content, oid.length / 2)
    ? parseEntries(object.content, oid.length / 2)
    : 'malformed';
}

/** git knows it without storing it. */
const EMPTY: ReadonlySet<string> = new Set([emptyTree('sha1'), emptyTree('sha256')]);

const SLASH = 47;

/** Names that are there twice, or hold a slash, could say two things of one path. */
function isWellFormed(content: Buffer, oidBytes: number): boolean {
  const names = new Set<string>();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(32, at);
    const nul = content.indexOf(0, space);
    if (space < 0 || nul <= space + 1 || nul + 1 + oidBytes > content.length) return false;
    const name = content.toString('latin1', space + 1, nul);
    if (names.has(name) || content.subarray(space + 1, nul).includes(SLASH)) return false;
    names.add(name);
    at = nul + 1 + oidBytes;
  }
  return true;
}
