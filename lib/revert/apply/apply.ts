import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import type { RelandRecord, RevertRecord } from '../../core/records/record.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { land } from './land.ts';
import { branchFor, checkedChange, type PrepareOptions, prepareRevert } from './prepare.ts';
import { whileAlone } from './state.ts';

export interface ApplyOptions extends Omit<PrepareOptions, 'aside'> {
  /** Leave the result in index and worktree, and commit nothing. */
  readonly noCommit?: boolean;
  /** Make it on a new branch of this name; HEAD, index and worktree stay where they are. */
  readonly branch?: string | null;
}

/** What applying a plan did. */
export interface Applied {
  /** The last commit that was made; null when the result was only staged. */
  readonly commit: string | null;
  /** All of them, in the order they were made. */
  readonly commits: readonly string[];
  readonly record: RevertRecord | RelandRecord | null;
}

/**
 * Does exactly what a plan says whose result is settled, on the branch HEAD is on or a new one: one commit, or one for each of the
 * plan's steps, and the same change in index and worktree, where whatever else is not committed stays. Throws NOT_CLEAN,
 * HEAD_MOVED, WORKTREE_IN_THE_WAY, REFUSED_BY_HOOK, NOT_SIGNED or BAD_ARGUMENT, and then nothing was changed.
 */
export function applyRevert(
  ledger: Ledger,
  scratch: Scratch,
  plan: RevertPlan,
  options: ApplyOptions,
): Promise<Applied> {
  return whileAlone(ledger.repo, async () => {
    const branch = await branchFor(ledger, options.branch ?? null);
    const where = { head: plan.head, branch, worktree: null };
    if (options.noCommit === true) {
      const change = await checkedChange(ledger, scratch, plan, false);
      await land(ledger, { ...where, change, commit: null, record: null }, options);
      return { commit: null, commits: [], record: null };
    }
    const { change, commits, record } = await prepareRevert(ledger, scratch, plan, {
      ...options,
      aside: branch !== null,
    });
    await land(ledger, { ...where, change, commit: record.commit, record }, options);
    return { commit: record.commit, commits, record };
  });
}
