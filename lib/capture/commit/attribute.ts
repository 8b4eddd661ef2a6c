import type { ChangedFile } from '../../core/generated/execution-v1.types.ts';
import type { StagedChange } from '../../git/repository/index-diff.ts';
import type { SessionState } from '../session/session.ts';
import { UNKNOWN } from '../session/snapshot.ts';

/** What attribution needs to know of a session, or of a command run as an agent. */
export type Evidence = Pick<SessionState, 'writes' | 'open'>;

/**
 * Whose content a changed file is:
 * `agent`: exactly what an edit tool wrote · `shell`: what a shell call left, or is changing right now ·
 * `mixed`: an agent wrote the file, and it was changed after · `unseen`: nobody saw an agent write it.
 */
export function attribute(change: StagedChange, evidence: readonly Evidence[]): ChangedFile['by'] {
  return attributeAmong(change, evidence, []).by;
}

export interface Attribution<T> {
  readonly by: ChangedFile['by'];
  /** The other session whose content it is; null for the one that commits. */
  readonly other: T | null;
}

/**
 * The same where other sessions work in the repository, too. Exact content says more than a look at the worktree around
 * a call, which sees whatever anybody does meanwhile; of equals, the session that commits goes first.
 */
export function attributeAmong<T extends Evidence>(
  change: StagedChange,
  own: readonly Evidence[],
  others: readonly T[],
): Attribution<T> {
  const sides = [{ other: null, evidence: own }, ...others.map((other) => ({ other, evidence: [other] }))];
  for (const by of ['agent', 'shell'] as const) {
    const side = sides.find(({ evidence }) => hasWritten(change, evidence, by));
    if (side !== undefined) return { by, other: side.other };
  }
  if (isChangingNow(change, own)) return { by: 'shell', other: null };
  const side = sides.find(({ evidence }) => evidence.some(({ writes }) => writes.has(change.path)));
  return side === undefined ? { by: 'unseen', other: null } : { by: 'mixed', other: side.other };
}

function hasWritten(change: StagedChange, evidence: readonly Evidence[], by: 'agent' | 'shell'): boolean {
  return evidence.some(({ writes }) =>
    writes.get(change.path)?.some((write) => write.by === by && write.blob === change.blob),
  );
}

/** A shell call that is still running found the file in another state when it started. */
function isChangingNow(change: StagedChange, evidence: readonly Evidence[]): boolean {
  return evidence.some(({ open }) =>
    [...open.values()].some(({ before }) => {
      if (before === undefined) return false;
      if (!before.has(change.path)) return true;
      const was = before.get(change.path);
      return was !== UNKNOWN && was !== change.blob;
    }),
  );
}
