/** One record's work, as a step from tree to tree. */
export interface Step {
  readonly digest: string;
  /** The trees it may begin at: HEAD's, and for an amend also that of what it replaces; '' where there was nothing. */
  readonly before: readonly string[];
  readonly after: string | null;
  /** The record before it in its transaction. */
  readonly prev: string | null;
}

/**
 * The steps that lead from one tree to another without a gap. Each of them is in a commit that makes the whole change; one
 * that begins or ends elsewhere need not be.
 */
export function stepsBetween(steps: readonly Step[], from: string, to: string): Set<string> {
  const moves = steps.flatMap(({ digest, before, after }) =>
    after === null ? [] : before.map((tree) => ({ digest, before: tree, after })),
  );
  const ahead = reached(from, moves, 'before', 'after');
  const behind = reached(to, moves, 'after', 'before');
  return new Set(
    moves.filter(({ before, after }) => ahead.has(before) && behind.has(after)).map(({ digest }) => digest),
  );
}

interface Move {
  readonly digest: string;
  readonly before: string;
  readonly after: string;
}

function reached(
  start: string,
  moves: readonly Move[],
  near: 'before' | 'after',
  far: 'before' | 'after',
): Set<string> {
  const next = new Map<string, string[]>();
  for (const move of moves) {
    const known = next.get(move[near]);
    if (known === undefined) next.set(move[near], [move[far]]);
    else known.push(move[far]);
  }
  const seen = new Set([start]);
  // A set goes on to what is added to it while it is walked: each tree once, also where work was undone and done again.
  for (const tree of seen) for (const other of next.get(tree) ?? []) seen.add(other);
  return seen;
}

/**
 * Records that lie between proven ones in a transaction: each names the one before it, so between two that are in a squash
 * none can be left out unseen.
 */
export function chainedBetween(steps: readonly Step[], proven: ReadonlySet<string>): Set<string> {
  const prevOf = new Map(steps.map(({ digest, prev }) => [digest, prev]));
  const found = new Set<string>();
  for (const start of proven) {
    const passed: string[] = [];
    let at = prevOf.get(start) ?? null;
    while (at !== null && !proven.has(at) && prevOf.has(at) && passed.length < steps.length) {
      passed.push(at);
      at = prevOf.get(at) ?? null;
    }
    if (at !== null && proven.has(at)) for (const digest of passed) found.add(digest);
  }
  return found;
}
