import type { Entry, EntryDiff } from '../../git/diffs/entry-diff.ts';
import type { Scratch } from '../../git/objects/scratch.ts';

/** A path two trees differ in; null where one has nothing there. */
export interface ChangedFile {
  readonly path: string;
  readonly before: Entry | null;
  readonly after: Entry | null;
}

/** The paths two trees differ in, in git's order. */
export async function changedFiles(scratch: Scratch, from: string, to: string): Promise<ChangedFile[]> {
  const [entries = []] = await scratch.diffs.between([{ from, to }]);
  return entries.map((entry) => ({ path: pathOf(entry), before: entry.from, after: entry.to }));
}

/** Its path as text, which not every path is. */
export function pathOf({ path }: Pick<EntryDiff, 'path'>): string {
  return Buffer.from(path, 'latin1').toString('utf8');
}

/** A file with lines, and not a link, a submodule or nothing. */
export function isRegular(entry: Entry | null): entry is Entry {
  return entry !== null && entry.mode.startsWith('100');
}
