import type { Pair } from './kept.ts';

/** A commit that another became, at once or over others. */
export interface Successor {
  readonly oid: string;
  /** What it was made of in the last step. */
  readonly of: string;
  /** Whether every step replaced the commit before it; a pick leaves its source where it is. */
  readonly replaces: boolean;
}

/** A step from one commit to another. */
export interface Step extends Pair {
  readonly replaces: boolean;
}

/** A commit rewritten more often than this between two looks was not rewritten by anybody's hand. */
const MOST_SUCCESSORS = 500;

/**
 * Everything a commit became, nearest first: ten amends in a row are ten commits, and each of them may be asked for later.
 * Pairs that lead back to where they came from (a hook's file may say anything) are followed once.
 */
export function successorsOf(steps: readonly Step[]): (oid: string) => Successor[] {
  const next = new Map<string, Step[]>();
  for (const step of steps) {
    const known = next.get(step.from);
    if (known === undefined) next.set(step.from, [step]);
    else known.push(step);
  }
  return (oid) => {
    const found = new Map<string, Successor>();
    const queue: Successor[] = [{ oid, of: oid, replaces: true }];
    for (const at of queue) {
      for (const { to, replaces } of next.get(at.oid) ?? []) {
        if (to === oid || found.has(to) || found.size >= MOST_SUCCESSORS) continue;
        const successor = { oid: to, of: at.oid, replaces: at.replaces && replaces };
        found.set(to, successor);
        queue.push(successor);
      }
    }
    return [...found.values()];
  };
}
