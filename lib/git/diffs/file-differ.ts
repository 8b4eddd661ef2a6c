import type { GitPlace } from '../process/runner.ts';
import { DiffDialogue } from './diff-dialogue.ts';
import type { Entry } from './entry-diff.ts';
import { type FileDiff, LINES_BY_PATH, type LineChange } from './line-diff.ts';

/** One file as it was and as it is; null where it is not there. */
export interface FilePair {
  readonly from: Entry | null;
  readonly to: Entry | null;
}

/** Tells how files differ line by line; what was told once is not asked for again. */
export interface FileDiffer {
  /** The hunks of each pair, null where lines do not tell (as `FileDiff` has them). Throws GIT_FAILED when a file is not here. */
  between(pairs: readonly FilePair[]): Promise<(readonly LineChange[] | null)[]>;
  close(): void;
}

/** Makes a tree of some files. */
export type MakeTree = (files: ReadonlyMap<string, Entry>) => Promise<string>;

type Hunks = Promise<readonly LineChange[] | null>;

/** One `git diff-tree --stdin` for all questions, each put as two trees that hold nothing but the files it is about. */
export function openFileDiffer(place: GitPlace, makeTree: MakeTree): FileDiffer {
  const known = new Map<string, Hunks>();
  let dialogue: DiffDialogue<FileDiff[]> | null = null;
  const ask = async (pairs: readonly FilePair[]): Promise<(readonly LineChange[] | null)[]> => {
    const side = (which: 'from' | 'to'): Promise<string> =>
      makeTree(new Map(pairs.flatMap((pair, at) => (pair[which] ? [[nameOf(at), pair[which]]] : []))));
    const [from, to] = await Promise.all([side('from'), side('to')]);
    place.beforeGit?.();
    dialogue ??= new DiffDialogue(place, LINES_BY_PATH, null);
    const [diffs = []] = await dialogue.ask([{ from, to }]);
    const byName = new Map(diffs.map((diff) => [(diff.from ?? diff.to)?.path, diff.hunks]));
    return pairs.map((_, at) => byName.get(nameOf(at)) ?? null);
  };
  const told = (pairs: readonly FilePair[]): void => {
    const answer = ask(pairs);
    for (const [at, pair] of pairs.entries()) {
      const one = answer.then((all) => all[at] ?? null);
      // Whoever awaits it hears of a failure.
      one.catch(() => known.delete(keyOf(pair)));
      known.set(keyOf(pair), one);
    }
  };
  return {
    between(pairs) {
      const missing = new Map<string, FilePair>();
      for (const pair of pairs) if (!isSame(pair) && !known.has(keyOf(pair))) missing.set(keyOf(pair), pair);
      if (missing.size > 0) told([...missing.values()]);
      return Promise.all(
        pairs.map(async (pair) => (isSame(pair) ? [] : ((await known.get(keyOf(pair))) ?? null))),
      );
    },
    close: () => dialogue?.close(),
  };
}

function nameOf(at: number): string {
  return `f${String(at).padStart(9, '0')}`;
}

function isSame({ from, to }: FilePair): boolean {
  return from?.oid === to?.oid && from?.mode === to?.mode;
}

function keyOf({ from, to }: FilePair): string {
  return `${from?.mode} ${from?.oid} ${to?.mode} ${to?.oid}`;
}
