import { AgentLogError } from '../../core/errors.ts';
import type { Entry } from '../diffs/entry-diff.ts';
import { type Scratch, writeObject } from '../objects/scratch.ts';
import { emptyTree } from '../repository/index-diff.ts';
import { FOLDER, treeContent } from './tree-content.ts';

/** What a path of a tree is to be; null takes it away. */
export interface TreeEdit {
  readonly path: string;
  readonly entry: Entry | null;
}

/** A tree with some paths changed, written into the scratch repository. Only the folders they lie in are read. */
export function editTree(scratch: Scratch, tree: string, edits: readonly TreeEdit[]): Promise<string> {
  return editTreeBytes(
    scratch,
    tree,
    edits.map(({ path, entry }) => [Buffer.from(path, 'utf8').toString('latin1'), entry]),
  );
}

/** The same with paths as bytes in latin1. */
export async function editTreeBytes(
  scratch: Scratch,
  tree: string,
  edits: Iterable<readonly [path: string, entry: Entry | null]>,
): Promise<string> {
  const folder: Folder = new Map();
  for (const [path, entry] of edits) put(folder, path.split('/'), entry);
  if (folder.size === 0) return tree;
  return (await written(scratch, tree, folder)) ?? emptyTree(scratch.format);
}

/** What changes in a folder, by name: a whole entry, or something inside a folder. */
type Folder = Map<string, { entry: Entry | null | undefined; inside: Folder }>;

function put(folder: Folder, [name = '', ...rest]: readonly string[], entry: Entry | null): void {
  const there = folder.get(name) ?? { entry: undefined, inside: new Map() };
  folder.set(name, there);
  if (rest.length === 0) there.entry = entry;
  else put(there.inside, rest, entry);
}

/** The folder's new id; null when nothing is left in it. */
async function written(scratch: Scratch, tree: string | null, folder: Folder): Promise<string | null> {
  const entries = await entriesOf(scratch, tree);
  await Promise.all(
    [...folder].map(async ([name, { entry, inside }]) => {
      const old = entries.get(name);
      if (entry !== undefined) entries.delete(name);
      if (entry) entries.set(name, entry);
      else if (inside.size > 0) {
        const within = await written(scratch, old?.mode === FOLDER ? old.oid : null, inside);
        if (within !== null) entries.set(name, { mode: FOLDER, oid: within });
        else if (old?.mode === FOLDER) entries.delete(name);
      }
    }),
  );
  return entries.size === 0 ? null : writeTreeObject(scratch, entries);
}

async function entriesOf(scratch: Scratch, tree: string | null): Promise<Map<string, Entry>> {
  if (tree === null || tree === emptyTree(scratch.format)) return new Map();
  const object = await scratch.reader.read(tree);
  if (object?.type !== 'tree') throw new AgentLogError('GIT_FAILED', 'system', `tree ${tree} is not here`);
  return parseEntries(object.content, object.oid.length / 2);
}

/** Entries of a tree object by name, which is bytes in latin1. */
export function parseEntries(content: Buffer, oidBytes: number): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(32, at);
    const nul = content.indexOf(0, space);
    const mode = content.toString('latin1', at, space);
    at = nul + 1 + oidBytes;
    entries.set(content.toString('latin1', space + 1, nul), {
      mode,
      oid: content.toString('hex', nul + 1, at),
    });
  }
  return entries;
}

/** Writes one tree object from entries by name (bytes in latin1), in the order git wants. */
export function writeTreeObject(scratch: Scratch, entries: ReadonlyMap<string, Entry>): Promise<string> {
  return writeObject(scratch, 'tree', treeContent(entries));
}
