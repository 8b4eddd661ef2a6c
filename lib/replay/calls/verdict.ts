import type { CallOutcome } from './replay-calls.ts';

/** What calls that were done again come to. */
export type CallsVerdict = 'identical' | 'divergent' | 'failed' | 'inconclusive';

export interface CallsCoverage {
  readonly callsTotal: number;
  readonly executed: number;
  readonly stubbed: number;
  readonly skipped: number;
}

/**
 * What a replay shows. What could not be done for want of its inputs makes everything after it worthless, so it is said first: then nobody
 * knows whether the rest would have gone as recorded. A call whose record stood in for it, and that changed files, is such a one.
 */
export function callsVerdict(outcomes: readonly CallOutcome[], isSameTree: boolean): CallsVerdict {
  const has = (...kinds: readonly CallOutcome['outcome'][]): boolean =>
    outcomes.some(({ outcome }) => kinds.includes(outcome));
  if (has('unable', 'limit') || outcomes.some(({ isNeeded }) => isNeeded)) return 'inconclusive';
  if (has('failed')) return 'failed';
  return has('differs') || !isSameTree ? 'divergent' : 'identical';
}

/** How much of a record's calls that rests on. Those behind one that could not be done count as skipped. */
export function callsCoverage(callsTotal: number, outcomes: readonly CallOutcome[]): CallsCoverage {
  const count = (...kinds: readonly CallOutcome['outcome'][]): number =>
    outcomes.filter(({ outcome }) => kinds.includes(outcome)).length;
  const executed = count('same', 'differs', 'failed', 'limit');
  const stubbed = count('stubbed');
  return { callsTotal, executed, stubbed, skipped: callsTotal - executed - stubbed };
}
