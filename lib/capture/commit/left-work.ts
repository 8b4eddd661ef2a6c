import { quotePath } from '../../git/diffs/quote-path.ts';
import type { StagedChange } from '../../git/repository/index-diff.ts';
import { readRegularFile, removeFile, writeFileAtomically } from '../../ledger/notes/files.ts';
import type { Place } from '../place.ts';
import type { SessionState } from '../session/session.ts';
import { recentSessions } from '../session/session-store.ts';
import type { Actor } from './actor.ts';
import { exactMatches, ownersByContent } from './by-content.ts';

const MAX_PATHS = 5000;
const MAX_LIST_BYTES = 16 * 1024 * 1024;
const LOOKED_AT_MS = 14 * 24 * 60 * 60 * 1000;

/**
 * Whose work a person commits, when an agent left it in the worktree: the session that wrote most of the files exactly
 * as they are committed. Null when none did; the paths are then a person's, and their next commit is not held up.
 */
export async function authorOfLeftWork(
  place: Place,
  changes: readonly StagedChange[],
  now: number,
): Promise<Actor | null> {
  const [session, ...others] = ownersByContent(changes, await recentSessions(place, now - LOOKED_AT_MS));
  if (session === undefined) {
    await withoutPaths(place, new Set(changes.map(({ path }) => quotePath(path))));
    return null;
  }
  const gaps = others.map((other) => otherWrote(changes, other));
  return {
    agent: { name: session.agent, sessionId: session.sessionId, version: session.version },
    session: { ...session, gaps: [...session.gaps, ...gaps] },
    txn: null,
  };
}

/** Says that a commit also holds what another session wrote. */
export function otherWrote(changes: readonly StagedChange[], other: SessionState): string {
  const count = exactMatches(changes, other);
  return `${count} of the files are as another session wrote them: ${other.agent} ${other.sessionId}`;
}

/** Leaves on disk, for the shell of a person's hook, the paths that sessions wrote and nobody has committed. */
export async function writeUnclaimed(place: Place, sessions: readonly SessionState[]): Promise<void> {
  const paths = new Set(sessions.flatMap(({ writes }) => [...writes.keys()]).map(quotePath));
  await writeList(place, [...paths]);
}

async function withoutPaths(place: Place, claimed: ReadonlySet<string>): Promise<void> {
  const text = (await readRegularFile(place.unclaimed, MAX_LIST_BYTES))?.toString('utf8') ?? '';
  await writeList(
    place,
    text.split('\n').filter((line) => line !== '' && !claimed.has(line)),
  );
}

async function writeList(place: Place, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) await removeFile(place.unclaimed);
  else await writeFileAtomically(place.unclaimed, `${paths.slice(0, MAX_PATHS).join('\n')}\n`, false);
}
