import { DiffDialogue, type DiffLimits } from '../diffs/diff-dialogue.ts';
import { DIFF_ENTRIES, type EntryDiff, parseEntryPairs } from '../diffs/entry-diff.ts';
import type { GitPlace } from '../process/runner.ts';
import type { TreePair } from './tree-diff.ts';

/** Tells what trees differ in, for as many pairs as are wanted; what was told once is not asked for again. */
export interface TreeDiffer {
  /** The paths that trees (by id) differ in, pair by pair. Throws GIT_FAILED when a tree is not here. */
  between(pairs: readonly TreePair[]): Promise<(readonly EntryDiff[])[]>;
  close(): void;
}

const QUESTION = { args: DIFF_ENTRIES, parse: parseEntryPairs };

/** One `git diff-tree --stdin` for all questions; started at the first, and ended by an answer over a limit. */
export function openTreeDiffer(place: GitPlace, limits: DiffLimits | null = null): TreeDiffer {
  const known = new Map<string, Promise<readonly EntryDiff[]>>();
  // Where that takes no time it is started now.
  let differ = place.waiting === undefined ? null : new DiffDialogue(place, QUESTION, limits);
  const ask = (pairs: readonly TreePair[]): void => {
    place.beforeGit?.();
    differ ??= new DiffDialogue(place, QUESTION, limits);
    const answer = differ.ask(pairs);
    for (const [at, { from, to }] of pairs.entries()) {
      const one = answer.then((all) => all[at] ?? []);
      const forget = (): void => {
        known.delete(`${from} ${to}`);
        known.delete(`${to} ${from}`);
      };
      // Whoever awaits it hears of a failure.
      one.catch(forget);
      known.set(`${from} ${to}`, one);
    }
  };
  const told = ({ from, to }: TreePair): Promise<readonly EntryDiff[]> | null => {
    const same = known.get(`${from} ${to}`);
    const opposite = same === undefined ? known.get(`${to} ${from}`) : undefined;
    if (opposite !== undefined) known.set(`${from} ${to}`, opposite.then(turnedRound));
    return known.get(`${from} ${to}`) ?? null;
  };
  return {
    between(pairs) {
      const unequal = pairs.filter(({ from, to }) => from !== to);
      const missing = new Map<string, TreePair>();
      for (const pair of unequal)
        if (told(pair) === null && !missing.has(`${pair.to} ${pair.from}`))
          missing.set(`${pair.from} ${pair.to}`, pair);
      if (missing.size > 0) ask([...missing.values()]);
      return Promise.all(
        pairs.map(async (pair) => (pair.from === pair.to ? [] : ((await told(pair)) ?? []))),
      );
    },
    close: () => differ?.close(),
  };
}

function turnedRound(diffs: readonly EntryDiff[]): readonly EntryDiff[] {
  return diffs.map(({ path, from, to }) => ({ path, from: to, to: from }));
}
