import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Repository } from '../repository/repository.ts';

/**
 * Names of refs under a folder of them (`refs/tags/`), told from git's files without a process; null where they are kept
 * in another way. Some may be gone by now: for whoever asks git only where there is something to ask about.
 */
export async function refsAtHand(
  { commonDir }: Pick<Repository, 'commonDir'>,
  folder: `refs/${string}/`,
): Promise<string[] | null> {
  if (existsSync(join(commonDir, 'reftable'))) return null;
  const [packed, loose] = await Promise.all([
    readFile(join(commonDir, 'packed-refs'), 'utf8').catch(absent('')),
    readdir(join(commonDir, folder), { recursive: true, withFileTypes: true }).catch(absent([])),
  ]);
  const root = join(commonDir, folder);
  return [
    ...packed.split('\n').flatMap((line) => {
      const [, name = ''] = /^[0-9a-f]{40,64} (refs\/.*)$/.exec(line) ?? [];
      return name.startsWith(folder) ? [name] : [];
    }),
    ...loose
      .filter((entry) => !entry.isDirectory())
      .map((entry) => `${folder}${join(entry.parentPath, entry.name).slice(root.length)}`),
  ];
}

/** Only what is not there counts as nothing. */
function absent<T>(nothing: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return nothing;
    throw error;
  };
}
