import { join } from 'node:path';
import { readRegularFile, writeFileAtomically } from '../../ledger/notes/files.ts';
import type { Place } from '../place.ts';

/** Bytes of texts that were stored of a session so far, as this clone knows. */
export async function usedBytes(place: Place, folder: string): Promise<number> {
  const text = (await readRegularFile(usedPath(place, folder), 64))?.toString('utf8') ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

export async function addUsed(place: Place, folder: string, bytes: number): Promise<void> {
  const used = (await usedBytes(place, folder)) + bytes;
  await writeFileAtomically(usedPath(place, folder), String(used), false);
}

function usedPath(place: Place, folder: string): string {
  return join(place.sessions, /^[0-9A-Za-z-]+$/.test(folder) ? folder : 'none', 'stored-bytes');
}
