import type { Scratch } from '../../git/objects/scratch.ts';
import { namesIn } from '../members/names.ts';
import { type Change, runsOf } from '../working-out/change.ts';
import { fileChangesBetween } from '../working-out/file-changes.ts';
import type { ChangedFile } from './changed-files.ts';
import { pathOf } from './changed-files.ts';

/** Paths a result changes that what goes never touched, under this name or one the file had since. */
export async function strangers(
  scratch: Scratch,
  changes: readonly Change[],
  goes: ReadonlySet<string>,
  tip: string,
  files: readonly ChangedFile[],
): Promise<string[]> {
  const going = changes.filter(({ commit }) => goes.has(commit));
  const touched = new Set<string>();
  const touch = async (changes: readonly Pick<Change, 'before' | 'after'>[]): Promise<void> => {
    const pairs = changes.map(({ before, after }) => ({ from: before, to: after }));
    for (const entry of (await scratch.diffs.between(pairs)).flat()) touched.add(pathOf(entry));
  };
  const strange = (): string[] => files.map(({ path }) => path).filter((path) => !touched.has(path));
  // What neighbours did together is known already; what one undid of another's is looked at only where that matters.
  await touch(runsOf(going));
  if (strange().length > 0) await touch(going);
  if (strange().length > 0) await nameAgain(scratch, changes, going, touched);
  for (const { after } of strange().length === 0 ? [] : runsOf(going).reverse())
    for (const { from, to } of (await fileChangesBetween(scratch, [{ from: after, to: tip }])).flat())
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

/** Adds what files were called later, commit by commit. */
async function nameAgain(
  scratch: Scratch,
  changes: readonly Change[],
  going: readonly Change[],
  touched: Set<string>,
): Promise<void> {
  const names = await namesIn(scratch, changes);
  const diffs = await scratch.diffs.between(going.map(({ before, after }) => ({ from: before, to: after })));
  for (const [at, { commit }] of going.entries())
    for (const entry of diffs[at] ?? [])
      for (const name of names.since(commit, pathOf(entry))) if (name !== null) touched.add(name);
}
