import { fileChanges } from '../../git/line-diff.ts';
import type { Scratch } from '../../git/scratch.ts';
import { treeChanges } from '../../git/tree-diff.ts';
import { type Change, runsOf } from '../change.ts';
import type { ChangedFile } from './changed-files.ts';

const MAX_PATHS = 100_000;

/** Paths a result changes that what goes never touched, under this name or one the file had since. */
export async function strangers(
  scratch: Scratch,
  going: readonly Change[],
  tip: string,
  files: readonly ChangedFile[],
): Promise<string[]> {
  const touched = new Set<string>();
  const pairs = going.map(({ before, after }) => ({ from: before, to: after }));
  for await (const { changes } of treeChanges(scratch, pairs, MAX_PATHS))
    for (const { path } of changes) touched.add(path);
  const strange = (): string[] => files.map(({ path }) => path).filter((path) => !touched.has(path));
  for (const { after } of strange().length === 0 ? [] : runsOf(going).reverse())
    for (const { from, to } of await fileChanges(scratch, { from: after, to: tip }))
      if (
        from !== null &&
        to !== null &&
        from.path !== to.path &&
        (touched.has(from.path) || touched.has(to.path))
      ) {
        touched.add(to.path);
        touched.add(from.path);
      }
  return strange();
}
