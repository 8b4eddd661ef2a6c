import { mergerAlong } from '../../git/merges/merge-along.ts';
import { mergeTrees, type ThreeTrees } from '../../git/merges/merge-trees.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { gitText, runGit } from '../../git/process/runner.ts';
import { emptyTree } from '../../git/repository/index-diff.ts';
import type { Repository } from '../../git/repository/repository.ts';
import type { Change, Merge, Run } from './change.ts';
import { keepDeleted } from './keep-deleted.ts';
import { nameOf } from './touched-paths.ts';

/**
 * Merges in a scratch repository; the same three trees are merged once. What was deleted later stays deleted, but for what
 * was only `carriedOff`; where nobody can tell, it is a conflict.
 */
export function mergeIn(
  scratch: Scratch,
  carriedOff: ((path: string) => Promise<boolean>) | null = null,
): Merge {
  const known = new Map<string, ReturnType<Merge>>();
  const settled = async ({ later, ...trees }: ThreeTrees): ReturnType<Merge> => {
    if (later === undefined || carriedOff === null) return mergeTrees(scratch, trees);
    return keepDeleted(scratch, await merge(trees), trees[later], carriedOff);
  };
  const merge: Merge = (trees) => {
    const key = `${trees.base} ${trees.ours} ${trees.theirs} ${trees.later}`;
    const merged = known.get(key) ?? settled(trees);
    known.set(key, merged);
    return merged;
  };
  return Object.assign(merge, { along: mergerAlong(scratch, merge) });
}

/**
 * A branch's own commits (its first parents) after `base`, oldest first, with the trees before and after each. Throws
 * GIT_FAILED when git knows one of the two not.
 */
export async function changesOf(place: Repository, base: string | null, tip: string): Promise<Change[]> {
  const args = ['log', '--first-parent', '--reverse', '--no-show-signature', '--format=%H %T', tip];
  const [{ stdout }, start] = await Promise.all([
    runGit(place, { args: [...args, ...(base === null ? [] : [`^${base}`]), '--'] }),
    base === null ? emptyTree(place.format) : gitText(place, 'rev-parse', `${base}^{tree}`),
  ]);
  const lines = stdout.toString('utf8').split('\n').filter(Boolean);
  return lines
    .map((line) => line.split(' '))
    .map(([commit = '', after = ''], i, all) => ({ commit, before: all[i - 1]?.[1] ?? start, after }));
}

/** Which commits of a run touch some paths by these names. */
export async function touching(
  { diffs }: Scratch,
  { changes }: Run,
  paths: readonly string[],
): Promise<ReadonlySet<string>> {
  const wanted = new Set(paths);
  const touched = await diffs.between(changes.map(({ before, after }) => ({ from: before, to: after })));
  const isConcerned = (_: unknown, at: number): boolean =>
    (touched[at] ?? []).some(({ path }) => wanted.has(nameOf(path) ?? ''));
  return new Set(changes.filter(isConcerned).map(({ commit }) => commit));
}
