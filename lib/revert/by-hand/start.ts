import { existsSync } from 'node:fs';
import { AgentLogError } from '../../core/errors.ts';
import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import { copyTree } from '../../git/objects/copy-objects.ts';
import { readCommit } from '../../git/objects/objects.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { addWorktree, removeWorktree } from '../../git/repository/linked-worktree.ts';
import type { Repository } from '../../git/repository/repository.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { headMoved } from '../apply/move.ts';
import { branchFor } from '../apply/prepare.ts';
import { inProgress } from '../apply/recover.ts';
import { readState, type Stopped, whileAlone, writeState } from '../apply/state.ts';
import { type Stop, stopAt, undoUntilConflict } from './stop.ts';

export interface ByHandOptions {
  readonly reason: string | null;
  /** The branch to make, once it is resolved. */
  readonly branch: string | null;
}

/**
 * Sets up what a plan could not settle for a person to resolve: a worktree beside the user's, with conflict markers in the files and
 * the three versions in its index, as git's own revert leaves them. The user's worktree, index and branches stay as they
 * are. Throws NOT_CLEAN when the plan has nothing to resolve, IN_PROGRESS when another one is under way.
 */
export function startByHand(
  ledger: Ledger,
  scratch: Scratch,
  plan: RevertPlan,
  options: ByHandOptions,
): Promise<Stop> {
  return whileAlone(ledger.repo, async () => {
    const { repo } = ledger;
    const present = await readState(repo);
    if (present !== null) throw inProgress(present);
    if (plan.runs === undefined) throw nothingToResolve(plan);
    const head = await readCommit(ledger.reader, plan.head);
    if (head === null) throw headMoved(plan.head);
    await branchFor(ledger, options.branch);
    const state: Stopped = {
      phase: 'stopped',
      plan,
      ...options,
      worktree: freeFolder(repo, plan.txn),
      run: 0,
      tree: head.tree,
      isReady: false,
    };
    // What only the planner has made of commits that go in part.
    for (const tree of plan.runs.flatMap(({ before, after }) => [before, after]))
      await copyTree(scratch, repo, tree, head.tree);
    await writeState(repo, state);
    await addWorktree(repo, state.worktree, plan.head);
    return stopThere(ledger, scratch, state);
  });
}

/** Puts the conflict in place once more, where that was cut off: nobody can have worked on it yet. */
export async function startAgain(ledger: Ledger, scratch: Scratch, state: Stopped): Promise<Stop> {
  await removeWorktree(ledger.repo, state.worktree, true);
  await addWorktree(ledger.repo, state.worktree, state.plan.head);
  return stopThere(ledger, scratch, state);
}

/** Where nothing conflicts there is still something to look at. */
async function stopThere(ledger: Ledger, scratch: Scratch, state: Stopped): Promise<Stop> {
  const reached = await undoUntilConflict(ledger, scratch, state);
  if (typeof reached !== 'string') return reached;
  const run = state.plan.runs?.length ?? 0;
  return stopAt(ledger, scratch, { ...state, run, tree: reached }, { tree: reached, stages: [] });
}

/** Beside the user's own worktree, where they would look for it. */
function freeFolder({ top, commonDir }: Repository, txn: string): string {
  const path = `${top ?? commonDir}.revert-${txn.slice(0, 10).toLowerCase()}`;
  for (let i = 1; ; i++) {
    const name = i === 1 ? path : `${path}-${i}`;
    if (!existsSync(name)) return name;
  }
}

function nothingToResolve({ verdict }: RevertPlan): AgentLogError {
  return new AgentLogError('NOT_CLEAN', 'answer', `there is nothing to resolve by hand: ${verdict}`, {
    hints: ['Look at the plan: git agent-revert --plan.'],
  });
}
