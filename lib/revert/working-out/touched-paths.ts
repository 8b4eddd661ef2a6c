import type { Scratch } from '../../git/objects/scratch.ts';
import type { Change } from './change.ts';

/** The paths a change touches. */
export async function pathsOf(
  scratch: Scratch,
  { before, after }: Pick<Change, 'before' | 'after'>,
): Promise<ReadonlySet<string>> {
  const [entries = []] = await scratch.diffs.between([{ from: before, to: after }]);
  return new Set(entries.map(({ path }) => nameOf(path)).filter((path) => path !== null));
}

/** A path that is no text can't be chosen by name. */
export function nameOf(bytes: string): string | null {
  const raw = Buffer.from(bytes, 'latin1');
  const path = raw.toString('utf8');
  return Buffer.from(path, 'utf8').equals(raw) ? path : null;
}
