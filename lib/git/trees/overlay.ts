import type { Entry, EntryDiff } from '../diffs/entry-diff.ts';
import type { ThreeBlobs } from '../merges/merge-files.ts';

/** A file whose content git has yet to merge; `ours` may itself be one. */
export interface OpenMerge extends Omit<ThreeBlobs, 'ours'> {
  readonly ours: string | OpenMerge;
  /** Once git has said: the blob, or null for a conflict. */
  merged?: string | null;
}

/** What a path of a tree in the making is. */
export type Made = Entry | { readonly mode: string; readonly oid: OpenMerge } | null;

interface Differing {
  /** In the tree that git knows. */
  known: Entry | null;
  /** In the tree in the making. */
  readonly made: Made;
}

/** Two folders' worth of doubt: where one side adds files into a folder the other side took everything out of. */
export interface FolderQuestion {
  readonly side: 'ours' | 'theirs';
  readonly path: string;
  readonly folder: string;
  /** How many entries of the folder have lost something. */
  readonly touched: number;
}

/**
 * How a tree in the making differs from one that git knows. Both are walked along together: a change of the known tree is
 * either left out of ours, or made in ours as well. What is said of a merge here is about base = known, ours = made,
 * theirs = known with the changes.
 */
export class Overlay {
  readonly #differing = new Map<string, Differing>();

  /** The paths where the tree in the making is another than the known one. */
  *edits(): Generator<readonly [string, Made]> {
    for (const [path, { made }] of this.#differing) yield [path, made];
  }

  /** The known tree goes on, ours does not. */
  leaveOut(changes: readonly EntryDiff[]): void {
    for (const { path, from, to } of changes) {
      const there = this.#differing.get(path);
      this.#set(path, to, there === undefined ? from : there.made);
    }
  }

  /**
   * Makes changes in ours, and gives the contents git has to merge for it. Null, and nothing done, where only git can tell
   * what comes out: whatever may be a rename, or a file where the other side has a folder.
   */
  take(changes: readonly EntryDiff[]): OpenMerge[] | null {
    const taken: (readonly [string, Entry | null, Made])[] = [];
    const open: OpenMerge[] = [];
    const [ours, theirs] = [this.#traits(), traitsOf(changes)];
    for (const { path, from, to } of changes) {
      const there = this.#differing.get(path);
      if (there === undefined) continue;
      const made = mergedEntry(from, there.made, to, open);
      if (made === undefined) return null;
      // What both sides took away, or both brought, may have come or gone by another name.
      if (made === null && (ours().adds.size > 0 || theirs().adds.size > 0)) return null;
      if (from === null && (ours().deletes.size > 0 || theirs().deletes.size > 0)) return null;
      taken.push([path, to, made]);
    }
    if (addsSomething(changes) && this.#clash(changes)) return null;
    for (const [path, known, made] of taken) this.#set(path, known, made);
    return open;
  }

  /** Folders that have to be shown to be still there on the side that took files out of them; else they may have been renamed. */
  questions(changes: readonly EntryDiff[]): FolderQuestion[] {
    const theirs = traitsOf(changes)();
    if (theirs.adds.size === 0 && theirs.deletes.size === 0) return [];
    const ours = this.#traits()();
    return [...questionsFor('ours', ours, theirs.adds), ...questionsFor('theirs', theirs, ours.adds)];
  }

  #set(path: string, known: Entry | null, made: Made): void {
    if (isSame(known, made)) this.#differing.delete(path);
    else this.#differing.set(path, { known, made });
  }

  #traits(): () => Traits {
    return once(() => {
      const traits: Traits = { adds: new Set(), deletes: new Set() };
      for (const [path, { known, made }] of this.#differing) {
        if (known === null) traits.adds.add(path);
        if (made === null) traits.deletes.add(path);
      }
      return traits;
    });
  }

  /** Something they bring lies where ours has a folder, or within what is a file in ours. */
  #clash(changes: readonly EntryDiff[]): boolean {
    const ours = this.#traits()().adds;
    const theirs = new Set(changes.filter(({ from }) => from === null).map(({ path }) => path));
    return (
      [...theirs].some((path) => isWithin(path, ours)) || [...ours].some((path) => isWithin(path, theirs))
    );
  }
}

interface Traits {
  readonly adds: Set<string>;
  readonly deletes: Set<string>;
}

function traitsOf(changes: readonly EntryDiff[]): () => Traits {
  return once(() => ({
    adds: new Set(changes.filter(({ from }) => from === null).map(({ path }) => path)),
    deletes: new Set(changes.filter(({ to }) => to === null).map(({ path }) => path)),
  }));
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function addsSomething(changes: readonly EntryDiff[]): boolean {
  return changes.some(({ from }) => from === null);
}

function isSame(known: Entry | null, made: Made): boolean {
  return known === null || made === null
    ? known === made
    : known.oid === made.oid && known.mode === made.mode;
}

/** One path that both sides changed; undefined where git has to say. */
function mergedEntry(
  base: Entry | null,
  ours: Made,
  theirs: Entry | null,
  open: OpenMerge[],
): Made | undefined {
  if (isSame(theirs, ours)) return ours;
  if (base === null || ours === null || theirs === null) return undefined;
  if (![base, ours, theirs].every(({ mode }) => mode.startsWith('100'))) return undefined;
  const mode = ours.mode === base.mode || ours.mode === theirs.mode ? theirs.mode : ours.mode;
  if (theirs.oid === base.oid) return { ...ours, mode };
  if (ours.oid === base.oid || ours.oid === theirs.oid) return { mode, oid: theirs.oid };
  const merge: OpenMerge = { base: base.oid, ours: ours.oid, theirs: theirs.oid };
  open.push(merge);
  return { mode, oid: merge };
}

/** One of the folders a path lies in is among some paths. */
function isWithin(path: string, paths: ReadonlySet<string>): boolean {
  return paths.size > 0 && foldersOf(path).some((folder) => paths.has(folder));
}

/** The folders a path lies in, the nearest first, without the top. */
function foldersOf(path: string): string[] {
  const folders: string[] = [];
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
    folders.push(path.slice(0, end));
  return folders;
}

/** A side that brings nothing has renamed nothing. */
function questionsFor(
  side: FolderQuestion['side'],
  { adds, deletes }: Traits,
  others: ReadonlySet<string>,
): FolderQuestion[] {
  if (adds.size === 0 || deletes.size === 0 || others.size === 0) return [];
  const lost = new Map<string, Set<string>>();
  for (const path of deletes)
    for (const folder of [...foldersOf(path), '']) {
      const name = path.slice(folder === '' ? 0 : folder.length + 1).split('/', 1)[0] ?? '';
      const names = lost.get(folder) ?? new Set();
      lost.set(folder, names.add(name));
    }
  const asked = new Map<string, FolderQuestion>();
  for (const path of others) {
    // Where the nearest folder is still there, so are those around it.
    const folder = [...foldersOf(path), ''].find((one) => lost.has(one));
    if (folder !== undefined) asked.set(folder, { side, path, folder, touched: lost.get(folder)?.size ?? 0 });
  }
  return [...asked.values()];
}
