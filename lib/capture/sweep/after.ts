import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFile } from '../../ledger/notes/files.ts';
import { writeUnclaimed } from '../commit/left-work.ts';
import type { Place } from '../place.ts';
import type { SessionState } from '../session/session.ts';
import { noteSeenHead } from '../spool/seen.ts';

const MAX_SEEN = 64;
/** A session that said nothing for so long was closed without telling. */
const SILENT_MS = 12 * 60 * 60 * 1000;
/** Agents write their transcript for a while after they said they were done. */
const SETTLES_MS = 10_000;

/** Leaves what the shell of the next hook needs to know: nothing of it is the only copy of anything. */
export async function leaveSigns(
  place: Place,
  looked: readonly string[],
  sessions: readonly SessionState[],
  now: number,
): Promise<void> {
  await Promise.all([
    noteSeen(place, looked),
    writeUnclaimed(place, sessions),
    sessions.every((session) => isClosed(session, now)) ? removeFile(place.open) : undefined,
  ]);
}

async function noteSeen(place: Place, looked: readonly string[]): Promise<void> {
  for (const head of looked) await noteSeenHead(place, head);
  const names = await readdir(place.seen).catch(() => []);
  if (names.length <= MAX_SEEN) return;
  // Which of them go matters little: a head that is forgotten costs one sweep that finds nothing.
  await Promise.all(
    names.slice(0, names.length - MAX_SEEN / 2).map((name) => removeFile(join(place.seen, name))),
  );
}

function isClosed({ endedAt, lastAt }: SessionState, now: number): boolean {
  return (endedAt !== null && now - endedAt > SETTLES_MS) || now - lastAt > SILENT_MS;
}
