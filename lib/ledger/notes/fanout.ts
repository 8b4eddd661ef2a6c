import { groupBy } from '../../core/lists.ts';
import type { TreeEntry } from '../../git/objects/objects.ts';

/** Reads a tree of the ledger by the prefix it stands under (`''`, `ab/`, `ab/cd/`). */
export type TreeAt = (prefix: string) => Promise<readonly TreeEntry[] | null>;

/** Where a note is, and the folder of flat notes it belongs to. */
export interface NotePlace {
  /** Every path the note is at: more than one when writers with different ideas of fan-out met. */
  readonly found: readonly { readonly path: string; readonly oid: string; readonly mode: string }[];
  readonly depth: number;
  /** The notes that lie flat in that folder: object id -> blob id. */
  readonly beside: ReadonlyMap<string, string>;
}

/** All paths a note may be at: git fans out by two hex digits a level, one public ledger mixes three depths. */
export function candidatePaths(oid: string): string[] {
  return [0, 1, 2, 3].map((depth) => fanOut(oid, depth));
}

/** The object whose note is at a path of the ledger; null where no reader looks for a note. */
export function objectAtPath(path: string, oidLength: number): string | null {
  const object = path.replaceAll('/', '');
  return object.length === oidLength && /^(?:[0-9a-f]{2}\/){0,3}[0-9a-f]+$/.test(path) ? object : null;
}

/** `abcdef…` with `depth` levels split off: `ab/cd/ef…`. */
export function fanOut(oid: string, depth: number): string {
  let path = '';
  for (let level = 0; level < depth; level++) path += `${oid.slice(level * 2, level * 2 + 2)}/`;
  return path + oid.slice(depth * 2);
}

/** Descends to the folder the note of an object belongs in: the deepest there is for it. */
export async function placeNote(oid: string, treeAt: TreeAt): Promise<NotePlace> {
  const found: { path: string; oid: string; mode: string }[] = [];
  for (let depth = 0; ; depth++) {
    const prefix = fanOut(oid, depth).slice(0, depth * 3);
    const entries = (await treeAt(prefix)) ?? [];
    const note = entries.find((entry) => entry.name === oid.slice(depth * 2) && !isFolder(entry));
    if (note) found.push({ path: prefix + note.name, oid: note.oid, mode: note.mode });
    if (depth < MAX_DEPTH && isFannedOut(entries)) continue;
    const flat = entries.filter((entry) => isNoteName(entry.name, oid.length - depth * 2));
    return {
      found,
      depth,
      beside: new Map(flat.map((entry) => [oid.slice(0, depth * 2) + entry.name, entry.oid])),
    };
  }
}

/** git's rule: all sixteen first digits lead to two notes or more. */
export function isDense(names: readonly string[]): boolean {
  const counts = new Map<string, number>();
  for (const name of new Set(names)) counts.set(name.charAt(0), (counts.get(name.charAt(0)) ?? 0) + 1);
  return counts.size === 16 && [...counts.values()].every((count) => count >= 2);
}

/**
 * The fan-out git would give the notes of one folder, `depth` levels down: id -> path. All the ids must share the
 * digits of that folder.
 */
export function fanOutAll(oids: readonly string[], from = 0): Map<string, string> {
  const paths = new Map<string, string>();
  const place = (group: readonly string[], depth: number): void => {
    if (depth >= MAX_DEPTH || !isDense(group.map((oid) => oid.slice(depth * 2)))) {
      for (const oid of group) paths.set(oid, fanOut(oid, depth));
      return;
    }
    for (const part of groupBy(group, (oid) => oid.slice(depth * 2, depth * 2 + 2)).values())
      place(part, depth + 1);
  };
  place(oids, from);
  return paths;
}

const MAX_DEPTH = 3;

function isFolder(entry: TreeEntry): boolean {
  return entry.mode.endsWith('40000');
}

function isFannedOut(entries: readonly TreeEntry[]): boolean {
  return entries.some((entry) => /^[0-9a-f]{2}$/.test(entry.name) && isFolder(entry));
}

function isNoteName(name: string, length: number): boolean {
  return name.length === length && /^[0-9a-f]+$/.test(name);
}
