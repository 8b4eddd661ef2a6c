import type { ObjectReader } from '../../git/objects/catfile.ts';
import { readTree, type TreeEntry } from '../../git/objects/objects.ts';

/** What a tree has at a path; null where that is nothing. */
export async function entryAt(reader: ObjectReader, tree: string, path: string): Promise<TreeEntry | null> {
  let at: string | null = tree;
  let found: TreeEntry | null = null;
  for (const name of path.split('/')) {
    const entries: TreeEntry[] | null = at === null ? null : await readTree(reader, at);
    found = entries?.find((entry) => entry.name === name) ?? null;
    at = found?.oid ?? null;
    if (found === null) return null;
  }
  return found;
}
