import type { StagedChange } from '../../git/repository/index-diff.ts';
import type { SessionState } from '../session/session.ts';
import { UNKNOWN } from '../session/snapshot.ts';

/** What is known of a session's work that no record holds yet. */
export type UnrecordedWork = Pick<SessionState, 'key' | 'writes'>;

/** How many of a commit's files are, path and content, exactly what a session wrote last. */
export function exactMatches(changes: readonly StagedChange[], { writes }: UnrecordedWork): number {
  const same = changes.filter(({ path, blob }) => {
    const last = writes.get(path)?.at(-1);
    return last !== undefined && last.blob !== UNKNOWN && last.blob === blob;
  });
  // A file that is gone looks like any other that is gone: deletions alone prove nothing.
  return same.some(({ blob }) => blob !== null) ? same.length : 0;
}

/** The session whose unrecorded work a commit holds most of, and the others it holds some of. */
export function ownersByContent<T extends UnrecordedWork>(
  changes: readonly StagedChange[],
  sessions: readonly T[],
): readonly T[] {
  return sessions
    .map((session) => ({ session, count: exactMatches(changes, session) }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
    .map(({ session }) => session);
}
