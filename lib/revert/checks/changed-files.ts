import { diffEntries, type Entry } from '../../git/entry-diff.ts';
import type { GitPlace } from '../../git/runner.ts';

/** A path two trees differ in; null where one has nothing there. */
export interface ChangedFile {
  readonly path: string;
  readonly before: Entry | null;
  readonly after: Entry | null;
}

/** The paths two trees differ in, in git's order. */
export async function changedFiles(place: GitPlace, from: string, to: string): Promise<ChangedFile[]> {
  const files: ChangedFile[] = [];
  for await (const entry of diffEntries(place, from, to))
    files.push({
      path: Buffer.from(entry.path, 'latin1').toString('utf8'),
      before: entry.from,
      after: entry.to,
    });
  return files;
}

/** A file with lines, and not a link, a submodule or nothing. */
export function isRegular(entry: Entry | null): entry is Entry {
  return entry !== null && entry.mode.startsWith('100');
}
