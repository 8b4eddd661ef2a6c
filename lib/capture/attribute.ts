import type { ChangedFile } from '../core/generated/execution-v1.types.ts';
import type { StagedChange } from '../git/index-diff.ts';
import type { SessionState } from './session.ts';
import { UNKNOWN } from './snapshot.ts';

/** What attribution needs to know of a session, or of a command run as an agent. */
export type Evidence = Pick<SessionState, 'writes' | 'open'>;

/**
 * Whose content a changed file is:
 * `agent`: exactly what an edit tool wrote · `shell`: what a shell call left, or is changing right now ·
 * `mixed`: an agent wrote the file, and it was changed after · `unseen`: nobody saw an agent write it.
 */
export function attribute(change: StagedChange, evidence: readonly Evidence[]): ChangedFile['by'] {
  const writes = evidence.flatMap(({ writes }) => writes.get(change.path) ?? []);
  const same = writes.filter(({ blob }) => blob === change.blob);
  if (same.some(({ by }) => by === 'agent')) return 'agent';
  if (same.length > 0 || isChangingNow(change, evidence)) return 'shell';
  return writes.length > 0 ? 'mixed' : 'unseen';
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
