import { openObjectReader } from '../../../git/objects/catfile.ts';
import { readTree } from '../../../git/objects/objects.ts';

/** As many as the largest repositories have. */
export const MOST_PATHS = 200_000;
/** No path is deeper that git could write. */
const MOST_LEVELS = 2000;

/**
 * A tree of a repository that holds more files than any should, or is too deep; null where there is none. Ten names for one tree, ten
 * times over, are a few kilobytes and a thousand million files, all of which git goes through when it compares the tree.
 */
export async function swollenTree(
  place: { readonly cwd: string; readonly foreign: true },
  objects: ReadonlyMap<string, string>,
): Promise<string | null> {
  const reader = openObjectReader(place);
  const counted = new Map<string, number>();
  const count = async (tree: string, level: number): Promise<number> => {
    const known = counted.get(tree);
    if (known !== undefined) return known;
    let paths = 0;
    for (const { oid } of level > MOST_LEVELS ? [] : ((await readTree(reader, tree)) ?? [])) {
      paths += objects.get(oid) === 'tree' ? await count(oid, level + 1) : 1;
      if (paths > MOST_PATHS) break;
    }
    if (level > MOST_LEVELS) paths = MOST_PATHS + 1;
    counted.set(tree, paths);
    return paths;
  };
  try {
    for (const [oid, type] of objects) if (type === 'tree' && (await count(oid, 0)) > MOST_PATHS) return oid;
    return null;
  } finally {
    reader.close();
  }
}
