import type { Scratch } from '../objects/scratch.ts';
import { parseEntries, writeTreeObject } from '../trees/tree-edit.ts';
import { mergeTrees } from './merge-trees.ts';

/** Three contents of one file, by blob: what `theirs` changed since `base` is made in `ours`. */
export interface ThreeBlobs {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
}

/**
 * Merges the contents of many files in one git process, each as git does within a merge of trees: in trees of our own
 * that hold nothing else, so that nothing can be a rename. Gives each file's blob, null where it conflicts.
 */
export async function mergeFiles(scratch: Scratch, files: readonly ThreeBlobs[]): Promise<(string | null)[]> {
  if (files.length === 0) return [];
  const name = (at: number): string => `f${String(at).padStart(9, '0')}`;
  const [base, ours, theirs] = await Promise.all(
    (['base', 'ours', 'theirs'] as const).map((side) =>
      writeTreeObject(
        scratch,
        new Map(files.map((file, at) => [name(at), { mode: '100644', oid: file[side] }])),
      ),
    ),
  );
  const { tree, conflicts } = await mergeTrees(scratch, {
    base: base ?? '',
    ours: ours ?? '',
    theirs: theirs ?? '',
  });
  const inConflict = new Set(conflicts.flatMap(({ paths }) => paths));
  const merged = await scratch.reader.read(tree);
  const entries = merged === null ? new Map() : parseEntries(merged.content, merged.oid.length / 2);
  return files.map((_, at) => (inConflict.has(name(at)) ? null : (entries.get(name(at))?.oid ?? null)));
}
