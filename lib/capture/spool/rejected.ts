import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFile } from '../../ledger/notes/files.ts';
import type { Place } from '../place.ts';

/** Enough to see what an agent sends that nobody understands. They are payloads as they came, nothing redacted. */
const MAX_FILES = 100;
const MAX_BYTES = 32 * 1024 * 1024;
const KEPT_MS = 14 * 24 * 60 * 60 * 1000;

/** Drops what could not be read and has been kept for two weeks, or is more than anybody will look at; the newest stay. */
export async function dropRejected(place: Place, now: number): Promise<void> {
  const names = await readdir(place.rejected).catch(() => []);
  if (names.length === 0) return;
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(place.rejected, name);
      const info = await lstat(path).catch(() => null);
      return { path, at: info?.mtimeMs ?? 0, size: info?.size ?? 0 };
    }),
  );
  let bytes = 0;
  for (const [i, { path, at, size }] of files.sort((a, b) => b.at - a.at).entries()) {
    bytes += size;
    // The newest stays however large: the journal has just said where it is.
    const isTooMuch = i >= MAX_FILES || (i > 0 && bytes > MAX_BYTES);
    if (isTooMuch || Math.abs(now - at) > KEPT_MS) await removeFile(path);
  }
}
