import type { Merged } from '../../git/merges/merge-trees.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { runGit } from '../../git/process/runner.ts';
import { editTree } from '../../git/trees/tree-edit.ts';

const MODIFY_DELETE = 'CONFLICT (modify/delete)';

/** As many as fit into one call of git. More than that is for a person to look at. */
const MOST_PATHS = 1000;

/** What stands for bytes that are no UTF-8: such a path can't be named here. */
const UNREADABLE = '\ufffd';

/**
 * Settles what git can't know: a file that was deleted later, by the side given as a tree, stays deleted. What the other
 * side did in it is gone with it. What was only carried off elsewhere was not deleted.
 */
export async function keepDeleted(
  scratch: Scratch,
  merged: Merged,
  later: string,
  carriedOff: (path: string) => Promise<boolean>,
): Promise<Merged> {
  const { conflicts } = merged;
  const candidates = conflicts.flatMap(({ type, paths }) => (type === MODIFY_DELETE ? paths : []));
  if (candidates.length === 0 || candidates.length > MOST_PATHS) return merged;
  const there = await pathsIn(scratch, later, candidates);
  const others = new Set(conflicts.flatMap(({ type, paths }) => (type === MODIFY_DELETE ? [] : paths)));
  const gone: string[] = [];
  for (const path of candidates)
    if (!there.has(path) && !others.has(path) && !path.includes(UNREADABLE) && !(await carriedOff(path)))
      gone.push(path);
  const left = conflicts.filter(({ type, paths }) => type !== MODIFY_DELETE || !isAll(paths, gone));
  const edits = gone.map((path) => ({ path, entry: null }));
  return { tree: await editTree(scratch, merged.tree, edits), conflicts: left, keptDeleted: gone };
}

function isAll(paths: readonly string[], gone: readonly string[]): boolean {
  return paths.every((path) => gone.includes(path));
}

async function pathsIn(scratch: Scratch, tree: string, paths: readonly string[]): Promise<Set<string>> {
  const args = ['ls-tree', '-z', '--name-only', '--full-tree', '--end-of-options', tree, '--', ...paths];
  const { stdout } = await runGit(scratch, { args, env: { ...scratch.env, GIT_LITERAL_PATHSPECS: '1' } });
  return new Set(stdout.toString('utf8').split('\0').filter(Boolean));
}
