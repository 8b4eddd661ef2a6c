import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readCommit } from '../../git/objects.ts';
import type { Worktree } from '../../git/worktrees.ts';
import { removeFile } from '../../ledger/files.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { writeUnclaimed } from '../left-work.ts';
import type { Place } from '../place.ts';
import { noteSeenHead } from '../seen.ts';
import type { SessionState } from '../session.ts';

const MAX_SEEN = 64;
/** A session that said nothing for so long was closed without telling. */
const SILENT_MS = 12 * 60 * 60 * 1000;
/** Agents write their transcript for a while after they said they were done. */
const SETTLES_MS = 10_000;

/** Leaves what the shell of the next hook needs to know: nothing of it is the only copy of anything. */
export async function leaveSigns(
  ledger: Ledger,
  place: Place,
  worktrees: readonly Worktree[],
  sessions: readonly SessionState[],
  now: number,
): Promise<void> {
  await Promise.all([
    noteSeen(ledger, place, worktrees),
    writeUnclaimed(place, sessions),
    sessions.every((session) => isClosed(session, now)) ? removeFile(place.open) : undefined,
  ]);
}

async function noteSeen(ledger: Ledger, place: Place, worktrees: readonly Worktree[]): Promise<void> {
  const own = await readCommit(ledger.reader, 'HEAD');
  const linked = await Promise.all(
    worktrees
      .filter(({ gitDir }) => gitDir !== ledger.repo.gitDir)
      .map(({ gitDir }) => readCommit(ledger.reader, headName(ledger, gitDir))),
  );
  for (const head of [own, ...linked]) if (head !== null) await noteSeenHead(place, head.oid);
  const names = await readdir(place.seen).catch(() => []);
  if (names.length <= MAX_SEEN) return;
  // Which of them go matters little: a head that is forgotten costs one sweep that finds nothing.
  await Promise.all(
    names.slice(0, names.length - MAX_SEEN / 2).map((name) => removeFile(join(place.seen, name))),
  );
}

/** HEAD of another worktree, as any worktree can name it. */
function headName(ledger: Ledger, gitDir: string): string {
  const name = gitDir.slice(ledger.repo.commonDir.length + 1);
  return name === '' ? 'main-worktree/HEAD' : `${name}/HEAD`;
}

function isClosed({ endedAt, lastAt }: SessionState, now: number): boolean {
  return (endedAt !== null && now - endedAt > SETTLES_MS) || now - lastAt > SILENT_MS;
}
