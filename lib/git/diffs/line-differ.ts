import type { GitPlace } from '../process/runner.ts';
import type { TreePair } from '../trees/tree-diff.ts';
import { DiffDialogue } from './diff-dialogue.ts';
import { type FileDiff, LINES_FOLLOWED } from './line-diff.ts';

/** Tells how trees differ line by line, renames followed; what was told once is not asked for again. */
export interface LineDiffer {
  /** How files differ between two trees (by id), as `lineDiffs` has it. Throws GIT_FAILED when a tree is not here. */
  between(pair: TreePair): Promise<readonly FileDiff[]>;
  close(): void;
}

/** One `git diff-tree --stdin` for all questions; started at the first. */
export function openLineDiffer(place: GitPlace): LineDiffer {
  const known = new Map<string, Promise<readonly FileDiff[]>>();
  let dialogue: DiffDialogue<FileDiff[]> | null = null;
  const ask = (pair: TreePair): Promise<readonly FileDiff[]> => {
    place.beforeGit?.();
    dialogue ??= new DiffDialogue(place, LINES_FOLLOWED, null);
    return dialogue.ask([pair]).then(([diffs = []]) => diffs);
  };
  return {
    between(pair) {
      if (pair.from === pair.to) return Promise.resolve([]);
      const key = `${pair.from} ${pair.to}`;
      const told = known.get(key) ?? ask(pair);
      known.set(key, told);
      // Whoever awaits it hears of a failure.
      told.catch(() => known.delete(key));
      return told;
    },
    close: () => dialogue?.close(),
  };
}
