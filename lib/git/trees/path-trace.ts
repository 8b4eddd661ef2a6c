import type { ObjectReader } from '../objects/catfile.ts';
import { parseTree, type TreeEntry } from '../objects/objects.ts';

/** The trees from the top of a commit or a tree down to a path, and what is there. */
export interface PathTrace {
  /** Object ids, the top first. */
  readonly trees: readonly string[];
  /** Null where there is nothing. */
  readonly entry: TreeEntry | null;
}

/** Goes down a path and remembers the way: what it takes to prove what lies there, or that nothing does. */
export async function tracePath(reader: ObjectReader, revision: string, path: string): Promise<PathTrace> {
  const trees: string[] = [];
  let tree = `${revision}^{tree}`;
  let entry: TreeEntry | null = null;
  for (const name of path.split('/')) {
    const object = await reader.read(tree);
    if (object?.type !== 'tree') return { trees, entry: null };
    trees.push(object.oid);
    entry = parseTree(object.content, object.oid.length / 2).find((one) => one.name === name) ?? null;
    if (entry === null) break;
    tree = entry.oid;
  }
  return { trees, entry };
}
