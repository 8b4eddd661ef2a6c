import { shortOid } from '../../core/oid.ts';
import { mergeWithStages, type StagedMerge } from '../../git/merges/merge-stages.ts';
import { copyObjects, copyTree } from '../../git/objects/copy-objects.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { placeMerge, repositoryAt } from '../../git/repository/linked-worktree.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { type Stopped, writeState } from '../apply/state.ts';

/** Where a person is needed. */
export interface Stop {
  readonly worktree: string;
  /** Files in conflict; empty where there is only something to look at. */
  readonly conflicts: readonly string[];
}

/**
 * Undoes one run after the other from where a state is, until one conflicts: that is put into the worktree, and the state says so.
 * Gives the tree when there is none left.
 */
export async function undoUntilConflict(
  ledger: Ledger,
  scratch: Scratch,
  state: Stopped,
): Promise<Stop | string> {
  let { run, tree } = state;
  for (const { before, after, commits } of (state.plan.runs ?? []).slice(run)) {
    const label = `parent-of-${shortOid(commits.at(-1) ?? '')}`;
    const merged = await mergeWithStages(scratch, { base: after, ours: tree, theirs: before }, label);
    if (merged.stages.length > 0) return stopAt(ledger, scratch, { ...state, run, tree }, merged);
    tree = merged.tree;
    run++;
  }
  return tree;
}

/** Puts the outcome of a merge into the worktree. Cut off, it is done again from the state. */
export async function stopAt(
  ledger: Ledger,
  scratch: Scratch,
  state: Stopped,
  merged: StagedMerge,
): Promise<Stop> {
  const { repo } = ledger;
  const known = `${state.plan.head}^{tree}`;
  for (const tree of [state.tree, merged.tree]) await copyTree(scratch, repo, tree, known);
  await copyObjects(
    scratch,
    repo,
    merged.stages.filter(({ mode }) => mode !== '160000').map(({ oid }) => oid),
  );
  await writeState(repo, { ...state, isReady: false });
  await placeMerge(await repositoryAt(state.worktree), merged);
  await writeState(repo, { ...state, isReady: true });
  const paths = merged.stages.map(({ path }) => Buffer.from(path, 'latin1').toString('utf8'));
  return { worktree: state.worktree, conflicts: [...new Set(paths)] };
}
