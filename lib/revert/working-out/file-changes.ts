import { type FileDiff, fileChangesOf } from '../../git/diffs/line-diff.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import type { TreePair } from '../../git/trees/tree-diff.ts';

const known = new WeakMap<Scratch, Map<string, Promise<FileDiff[]>>>();

/** Which files differ between trees, renames followed, pair by pair. What was told once is not asked for again. */
export function fileChangesBetween(scratch: Scratch, pairs: readonly TreePair[]): Promise<FileDiff[][]> {
  const told = known.get(scratch) ?? new Map<string, Promise<FileDiff[]>>();
  known.set(scratch, told);
  const missing = pairs.filter((pair) => !told.has(keyOf(pair)));
  const answer = fileChangesOf(scratch, missing);
  for (const [at, pair] of missing.entries())
    told.set(
      keyOf(pair),
      answer.then((all) => all[at] ?? []),
    );
  return Promise.all(pairs.map(async (pair) => (await told.get(keyOf(pair))) ?? []));
}

function keyOf({ from, to }: TreePair): string {
  return `${from} ${to}`;
}
