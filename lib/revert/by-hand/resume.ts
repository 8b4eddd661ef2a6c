import { existsSync } from 'node:fs';
import { AgentLogError } from '../../core/errors.ts';
import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import { mergeTrees } from '../../git/merges/merge-trees.ts';
import { copyTree } from '../../git/objects/copy-objects.ts';
import { readCommit } from '../../git/objects/objects.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { repositoryAt } from '../../git/repository/linked-worktree.ts';
import { currentBranch } from '../../git/repository/repository.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Applier } from '../apply/applier.ts';
import { land } from '../apply/land.ts';
import { headMoved, headOf } from '../apply/move.ts';
import { branchFor, prepareRevert } from '../apply/prepare.ts';
import { recover } from '../apply/recover.ts';
import { readState, type Stopped, whileAlone } from '../apply/state.ts';
import { resolvedTree } from './look.ts';
import { startAgain } from './start.ts';
import { type Stop, undoUntilConflict } from './stop.ts';

export interface ResumeOptions extends Applier {
  /** A branch to make instead of moving the one it was begun on. */
  readonly branch: string | null;
  readonly txn: string | null;
  /** Whether a tree passes the verify command; not given when there is none. */
  readonly verify?: (tree: string) => Promise<boolean>;
}

/** What going on came to: the next conflict, or an end. */
export type Resumed =
  | { readonly stop: Stop; readonly txns: readonly string[] }
  | {
      readonly stop: null;
      readonly txns: readonly string[];
      /** Null when it was only to be staged. */
      readonly commit: string | null;
      readonly branch: string | null;
      /** Files somebody changed after a revert was cut off: left as they are. */
      readonly theirs: readonly string[];
      /** A worktree that stays, because somebody has put something into it since. */
      readonly stays: string | null;
    };

/**
 * Goes on with a revert that stopped for a person, or was cut off. Throws NOT_IN_PROGRESS, UNRESOLVED while conflicts are left,
 * HEAD_MOVED when the branch has changed the same places since; then it is where it was.
 */
export function resume(ledger: Ledger, scratch: Scratch, options: ResumeOptions): Promise<Resumed> {
  return whileAlone(ledger.repo, async () => {
    const state = await readState(ledger.repo);
    if (state === null) throw notInProgress();
    if (state.phase === 'stopped') return goOn(ledger, scratch, state, options);
    const ended = await recover(ledger, state, 'on', options);
    if (ended.result === 'left') throw headMoved(state.head);
    return { stop: null, ...ended };
  });
}

/** What is under way can't be gone on with or given up where nothing is. */
export function notInProgress(): AgentLogError {
  return new AgentLogError('NOT_IN_PROGRESS', 'answer', 'no revert is under way here', {
    hints: ['Begin one: git agent-revert --plan <txn>.'],
  });
}

async function goOn(
  ledger: Ledger,
  scratch: Scratch,
  state: Stopped,
  options: ResumeOptions,
): Promise<Resumed> {
  if (!state.isReady) return { stop: await startAgain(ledger, scratch, state), txns: state.plan.txns };
  if (!existsSync(state.worktree)) throw worktreeGone(state.worktree);
  const there = await repositoryAt(state.worktree);
  const tree = await resolvedTree(ledger, there, state.tree);
  const runs = state.plan.runs ?? [];
  const next: Stopped = { ...state, run: Math.min(state.run + 1, runs.length), tree };
  const reached = await undoUntilConflict(ledger, scratch, next);
  if (typeof reached !== 'string') return { stop: reached, txns: state.plan.txns };
  return finish(ledger, scratch, state, reached, options);
}

async function finish(
  ledger: Ledger,
  scratch: Scratch,
  state: Stopped,
  resolved: string,
  options: ResumeOptions,
): Promise<Resumed> {
  const branch = await branchFor(ledger, options.branch ?? state.branch);
  const plan = await asResolved(ledger, scratch, state.plan, resolved, branch !== null);
  const verified = options.verify === undefined ? null : await options.verify(plan.resultTree ?? '');
  if (verified === false) throw notVerified();
  const who = { ...options, reason: options.reason ?? state.reason };
  const prepared = await prepareRevert(
    ledger,
    scratch,
    { ...plan, verified },
    {
      ...who,
      aside: branch !== null,
      verdict: 'manual',
    },
  );
  const { change, record, head } = prepared;
  const where = { branch, worktree: state.worktree, resolved };
  const { stays } = await land(ledger, { head, change, commit: record.commit, record, ...where }, who);
  return { stop: null, txns: record.txns, commit: record.commit, branch, theirs: [], stays };
}

/** The plan with what a person made of it, carried to where the branch is now. */
async function asResolved(
  ledger: Ledger,
  scratch: Scratch,
  plan: RevertPlan,
  resolved: string,
  aside: boolean,
): Promise<RevertPlan> {
  const { repo } = ledger;
  const was = await readCommit(ledger.reader, plan.head);
  if (was === null) throw headMoved(plan.head);
  await copyTree(scratch, repo, resolved, was.tree);
  if (resolved === was.tree) throw nothingChanged();
  const head = aside ? plan.head : await headOf(repo);
  if (!aside && (await currentBranch(repo)) !== plan.branch) throw onAnotherBranch(plan.branch);
  // What would have to go with it for git to do it alone.
  const settled = { ...plan, dependants: [] };
  if (head === plan.head) return { ...settled, resultTree: resolved };
  const now = await readCommit(ledger.reader, head);
  if (now === null) throw headMoved(plan.head);
  const merged = await mergeTrees(scratch, { base: was.tree, ours: now.tree, theirs: resolved });
  if (merged.conflicts.length > 0) throw movedInTheWay();
  if (merged.tree === now.tree) throw nothingChanged();
  return { ...settled, head, resultTree: merged.tree };
}

const ELSEWHERE = 'Or keep it as a branch of its own: git agent-revert --continue --branch NAME.';

function onAnotherBranch(branch: string | null): AgentLogError {
  const name = branch ?? 'a detached HEAD';
  return new AgentLogError('HEAD_MOVED', 'answer', `the revert was begun on ${name}`, {
    hints: [`Go back there (git switch), and continue. Nothing was changed.`, ELSEWHERE],
  });
}

function worktreeGone(worktree: string): AgentLogError {
  return new AgentLogError('UNRESOLVED', 'answer', `the worktree of the conflict is gone: ${worktree}`, {
    hints: ['Give this one up (git agent-revert --abort), and begin again.'],
  });
}

function movedInTheWay(): AgentLogError {
  const problem = 'the branch has moved on, and changed the same places as your resolution';
  return new AgentLogError('HEAD_MOVED', 'answer', problem, {
    hints: ['Give this one up (--abort) and begin again: nothing was changed.', ELSEWHERE],
  });
}

function nothingChanged(): AgentLogError {
  return new AgentLogError('UNRESOLVED', 'answer', 'as you resolved it, nothing is taken back', {
    hints: ['Give it up with git agent-revert --abort, or take something back in that worktree.'],
  });
}

function notVerified(): AgentLogError {
  return new AgentLogError('UNRESOLVED', 'answer', 'the verify command fails on what you resolved', {
    hints: ['Mend it in that worktree, `git add`, and continue.', "To go without it: --verify ''."],
  });
}
