import type { Ledger } from '../ledger.ts';

/**
 * Gathers what is asked of a ledger until the loop turns; `answer` then gets all of it. Commits are judged side by side: who
 * pushes a thousand records that have to be looked at would else have a thousand processes started.
 */
export function together<A>(
  answer: (ledger: Ledger, asked: readonly A[]) => void,
): (ledger: Ledger, asked: A) => void {
  const waiting = new WeakMap<Ledger, A[]>();
  return (ledger, asked) => {
    const others = waiting.get(ledger);
    if (others !== undefined) {
      others.push(asked);
      return;
    }
    const all = [asked];
    waiting.set(ledger, all);
    setImmediate(() => {
      waiting.delete(ledger);
      answer(ledger, all);
    });
  };
}
