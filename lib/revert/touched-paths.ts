import type { Scratch } from '../git/scratch.ts';
import type { Change } from './change.ts';

type Trees = Pick<Change, 'before' | 'after'>;

/** Has the trees of many changes compared at once: `pathsOf` is told without waiting from then on. */
export async function readPathsOf(scratch: Scratch, changes: readonly Trees[]): Promise<void> {
  await scratch.diffs.between(changes.map(({ before, after }) => ({ from: before, to: after })));
}

/** The paths a change touches. */
export async function pathsOf(scratch: Scratch, { before, after }: Trees): Promise<ReadonlySet<string>> {
  const [diff = []] = await scratch.diffs.between([{ from: before, to: after }]);
  return new Set(diff.map(({ path }) => nameOf(path)).filter((path) => path !== null));
}

/** A path that is no text can't be chosen by name. */
export function nameOf(bytes: string): string | null {
  const raw = Buffer.from(bytes, 'latin1');
  const path = raw.toString('utf8');
  return Buffer.from(path, 'utf8').equals(raw) ? path : null;
}
