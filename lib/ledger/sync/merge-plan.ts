import type { Entry, EntryDiff } from '../../git/diffs/entry-diff.ts';
import type { PathChange } from '../../git/objects/fast-import.ts';
import type { TreeAt } from '../notes/fanout.ts';

/** Why an entry is not simply where it was; whatever it is, nothing was dropped. */
export type MergeProblemCode = 'missing' | 'too-large' | 'binary' | 'conflict' | 'not-a-file' | 'unsafe-name';

/** One entry that could not be joined. `path` is where it was, `keptAt` where it is now; null: only in the history. */
export interface MergeProblem {
  readonly problem: MergeProblemCode;
  readonly path: string;
  readonly oid: string;
  readonly keptAt: string | null;
}

/** A folder of the ledger no reader takes for notes: it has a letter that is no hex digit. */
const ASIDE = 'set-aside';

/** An entry kept beside the notes, by the id of its content: whoever merges the same puts it at the same place. */
export function setAside(
  path: string,
  entry: Entry,
  problem: MergeProblemCode,
): { readonly change: PathChange; readonly problem: MergeProblem } {
  const keptAt = `${ASIDE}/${entry.oid}/${isSafe(path) ? path : 'entry'}`;
  return {
    change: { op: 'object', path: keptAt, oid: entry.oid, mode: entry.mode },
    problem: { problem, path, oid: entry.oid, keptAt },
  };
}

export interface PlannedChanges {
  readonly changes: readonly PathChange[];
  readonly problems: readonly MergeProblem[];
}

/**
 * Entries that are no notes, of the other side: each at its path where that is free, else set aside. Then whatever of
 * the base stands where a folder is needed now is set aside too.
 */
export async function planForeign(
  foreign: readonly EntryDiff[],
  notes: readonly PathChange[],
  treeAt: TreeAt,
): Promise<PlannedChanges> {
  const at = lookUp(treeAt);
  const problems: MergeProblem[] = [];
  const kept: PathChange[] = [];
  const aside = (...args: Parameters<typeof setAside>): void => {
    const { change, problem } = setAside(...args);
    kept.push(change);
    problems.push(problem);
  };
  const files = writtenBy(notes);
  const free: { readonly path: string; readonly entry: Entry }[] = [];
  for (const { path, from, to } of foreign) {
    if (to === null) continue;
    const taken = from !== null || files.has(path) || foldersOf(path).some((folder) => files.has(folder));
    if (!isSafe(path)) aside(path, to, 'unsafe-name');
    else if (taken || path === ASIDE || isFolder(await at(path))) aside(path, to, 'conflict');
    else free.push({ path, entry: to });
  }
  const folders = foldersOfAll([...files, ...free.map(({ path }) => path), ...writtenBy(kept)]);
  for (const { path, entry } of free)
    if (folders.has(path)) aside(path, entry, 'conflict');
    else kept.push({ op: 'object', path, ...entry });
  const gone = new Set(notes.filter(({ op }) => op === 'delete').map(({ path }) => path));
  const inTheWay: PathChange[] = [];
  for (const path of foldersOfAll([...files, ...writtenBy(kept)])) {
    const entry = gone.has(path) ? null : await at(path);
    if (entry === null || isFolder(entry)) continue;
    inTheWay.push({ op: 'delete', path });
    aside(path, entry, 'conflict');
  }
  return { changes: [...inTheWay, ...notes, ...kept], problems };
}

function writtenBy(changes: readonly PathChange[]): Set<string> {
  return new Set(changes.flatMap(({ op, path }) => (op === 'delete' ? [] : [path])));
}

function foldersOfAll(paths: Iterable<string>): Set<string> {
  return new Set([...paths].flatMap(foldersOf));
}

/** `a/b/c` -> `a`, `a/b` */
function foldersOf(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'));
}

/** Looks paths up in a tree, each folder read once. */
function lookUp(treeAt: TreeAt): (path: string) => Promise<Entry | null> {
  const folders = new Map<string, Promise<ReadonlyMap<string, Entry>>>();
  return async (path) => {
    const [, folder = '', name = ''] = /^((?:.*\/)?)(.*)$/s.exec(utf8(path)) ?? [];
    const known = folders.get(folder) ?? entriesByName(treeAt(folder));
    folders.set(folder, known);
    return (await known).get(name) ?? null;
  };
}

async function entriesByName(tree: ReturnType<TreeAt>): Promise<ReadonlyMap<string, Entry>> {
  return new Map(((await tree) ?? []).map((entry) => [entry.name, entry]));
}

function utf8(path: string): string {
  return Buffer.from(path, 'latin1').toString('utf8');
}

function isFolder(entry: Entry | null): boolean {
  return entry?.mode.endsWith('40000') ?? false;
}

/** Names no git writes: a commit that had one could not be written, or checked out, by others. */
function isSafe(path: string): boolean {
  return path
    .split('/')
    .every((part) => part !== '' && part !== '.' && part !== '..' && !/^\.git$/i.test(part));
}
