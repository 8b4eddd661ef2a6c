import type { Commit } from '../../git/objects/objects.ts';
import type { StagedChange } from '../../git/repository/index-diff.ts';
import { ownersByContent } from '../commit/by-content.ts';
import { otherWrote } from '../commit/left-work.ts';
import type { SessionState } from '../session/session.ts';
import type { ShellCall } from '../session/shell-call.ts';
import { committedAt } from './heads.ts';

/** A commit without a record, seen on some branch or in some log. */
export interface Candidate {
  readonly commit: Commit;
  readonly changes: readonly StagedChange[];
  /** HEAD's log of a worktree that is looked at names it, outside every call: time alone says nothing then. */
  readonly betweenCalls: boolean;
}

/** A session, and which of its shell calls had a command that speaks of committing. */
export interface Suspect {
  readonly session: SessionState;
  readonly committing: readonly ShellCall[];
}

export interface Owned {
  readonly candidate: Candidate;
  readonly owner: SessionState;
  /** How it is known: by what is in it, or by when it was made. */
  readonly by: 'content' | 'time';
  /** Milliseconds since 1970 up to which the session's events belong to it. */
  readonly at: number;
  readonly gaps: readonly string[];
}

/** git dates a commit in whole seconds. */
const SLACK_MS = 1000;

/**
 * Whose a commit is that no look at HEAD explains: a session's when it holds exactly what the session wrote (whoever
 * committed it), or when it was made on another branch or in another worktree while a command of the session that
 * speaks of committing ran, and no person's hook announced it. Null when neither holds.
 */
export function ownerOf(
  candidate: Candidate,
  suspects: readonly Suspect[],
  people: ReadonlySet<string>,
): Owned | null {
  const { commit, changes, betweenCalls } = candidate;
  const made = committedAt(commit);
  const [owner, ...others] = ownersByContent(
    changes,
    suspects.map(({ session }) => session),
  );
  if (owner !== undefined) {
    const gaps = others.map((other) => otherWrote(changes, other));
    return { candidate, owner, by: 'content', at: made + SLACK_MS, gaps };
  }
  if (betweenCalls || people.has(commit.parents[0] ?? '')) return null;
  for (const { session, committing } of suspects) {
    const call = committing.find((one) => isDuring(made, one));
    if (call !== undefined)
      return { candidate, owner: session, by: 'time', at: call.endedAt ?? made + SLACK_MS, gaps: [] };
  }
  return null;
}

function isDuring(time: number, { startedAt, endedAt }: ShellCall): boolean {
  return endedAt !== null && time >= startedAt - SLACK_MS && time <= endedAt + SLACK_MS;
}
