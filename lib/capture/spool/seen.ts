import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../ledger/notes/files.ts';
import type { Place } from '../place.ts';

/** Heads nobody needs to look into: a hook that finds HEAD elsewhere starts the next sweep. */
export async function noteSeenHead(place: Place, head: string): Promise<void> {
  await makeFolder(place.seen);
  const path = join(place.seen, head);
  const made = await writeFile(path, '', { flag: 'wx', mode: 0o600 }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );
  if (!made) await utimes(path, new Date(), new Date());
}
