import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** A repository that is replayed in has a few objects; one with more than this was made to be looked at for long. */
const MOST_ENTRIES = 100_000;

/**
 * Whether git may read the objects of a repository that commands had to themselves: folders and files alone, all of them there.
 * A pipe in the place of a pack's index would be read for ever, and a link or an alternate leads to what is not theirs.
 */
export async function isPlainStore(gitDir: string): Promise<boolean> {
  const folders = [join(gitDir, 'objects')];
  for (const path of [gitDir, ...folders])
    if ((await lstat(path).catch(() => null))?.isDirectory() !== true) return false;
  let left = MOST_ENTRIES;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop())
    for await (const entry of await opendir(folder)) {
      if (left-- === 0 || ALTERNATES.has(entry.name)) return false;
      if (entry.isDirectory()) folders.push(join(folder, entry.name));
      else if (!entry.isFile()) return false;
    }
  return true;
}

const ALTERNATES: ReadonlySet<string> = new Set(['alternates', 'http-alternates']);
