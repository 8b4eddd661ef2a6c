import { addGap, type SessionState } from './session.ts';

/**
 * Finds the session a fork was made from: no agent says it, but the fork took over its messages, ids and all. The fork
 * goes on in the transactions of the branches its parent was working on.
 */
export function joinParent(fork: SessionState, others: readonly SessionState[]): void {
  if (!fork.isFork || fork.inherited.length === 0) return;
  fork.isFork = false;
  const parent = parentOf(fork, others);
  if (parent === null) {
    addGap(fork, 'forked from a session that is not known here');
    return;
  }
  fork.parentSessionId = parent.sessionId;
  for (const [boundary, txn] of parent.txns)
    if (boundary.startsWith('branch:') && !fork.txns.has(boundary)) fork.txns.set(boundary, txn);
}

/** The one that shares most messages; of several, the one that wrote most of them itself. */
function parentOf(fork: SessionState, others: readonly SessionState[]): SessionState | null {
  const inherited = new Set(fork.inherited);
  const count = (ids: Iterable<string>): number => [...ids].filter((id) => inherited.has(id)).length;
  const ranked = others
    .filter(({ agent, sessionId }) => agent === fork.agent && sessionId !== fork.sessionId)
    .map((session) => {
      const own = count(new Set([...session.usage.keys(), ...session.recordedUsage]));
      return { session, own, shared: own + count(session.inherited) };
    })
    .filter(({ shared }) => shared > 0)
    .sort((a, b) => b.shared - a.shared || b.own - a.own);
  return ranked[0]?.session ?? null;
}
