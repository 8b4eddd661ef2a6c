import { groupBy } from '../../core/lists.ts';
import { type TreeChanges, type TreePair, treeChanges } from '../../git/trees/tree-diff.ts';
import type { Ledger } from '../ledger.ts';
import { together } from './together.ts';

interface Asked {
  readonly pair: TreePair;
  readonly tell: (changes: TreeChanges) => void;
  readonly fail: (error: unknown) => void;
}

/** Changed paths of a pair that are kept, at most. */
const MOST_CHANGES = 100_000;

/**
 * What is made of the paths that two trees differ in; one process answers all who ask before the loop turns. `tell` is called
 * as git answers, so that no more than one pair's paths are kept. Throws GIT_FAILED when a tree is not here.
 */
export function ofChanges<T>(ledger: Ledger, pair: TreePair, tell: (changes: TreeChanges) => T): Promise<T> {
  return new Promise((resolve, reject) => {
    ask(ledger, { pair, tell: (changes) => resolve(tell(changes)), fail: reject });
  });
}

const ask = together<Asked>((ledger, asked) => void answer(ledger, asked));

const keyOf = ({ from, to }: TreePair): string => `${from} ${to}`;

async function answer(ledger: Ledger, asked: readonly Asked[]): Promise<void> {
  const byPair = groupBy(asked, ({ pair }) => keyOf(pair));
  try {
    const pairs = [...byPair.values()].flatMap(([one]) => one?.pair ?? []);
    for await (const changes of treeChanges(ledger.repo, pairs, MOST_CHANGES))
      for (const { tell } of byPair.get(keyOf(changes.pair)) ?? []) tell(changes);
  } catch (error) {
    // Who was told before has it.
    for (const { fail } of asked) fail(error);
  }
}
