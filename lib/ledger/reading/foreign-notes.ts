import type { GitPlace } from '../../git/process/runner.ts';
import { treeFiles } from '../../git/trees/tree-files.ts';

/** A note of another tool, not read yet. */
export interface ForeignNote {
  readonly object: string;
  readonly blob: string;
  readonly size: number;
}

/**
 * The notes of any ref, at whatever fan-out each is: public refs mix three. A note that is at two paths is there twice.
 */
export async function listForeignNotes(place: GitPlace, ref: string): Promise<ForeignNote[]> {
  const files = await treeFiles(place, ref);
  return files.flatMap(({ mode, path, blob, size }) => {
    const object = path.replaceAll('/', '');
    return mode === '100644' && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(object) && /^[0-9a-f/]+$/.test(path)
      ? [{ object, blob, size }]
      : [];
  });
}
