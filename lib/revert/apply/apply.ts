import { join } from 'node:path';
import { AgentLogError } from '../../core/errors.ts';
import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import type { RelandRecord, RevertRecord } from '../../core/record.ts';
import { copyTree } from '../../git/copy-objects.ts';
import { makeCommit } from '../../git/make-commit.ts';
import { readCommit } from '../../git/objects.ts';
import type { Scratch } from '../../git/scratch.ts';
import { switchTree, type TreeSwitch } from '../../git/switch-tree.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { headMoved, headOf, moveHead } from './move.ts';
import { type Applier, messageFor, revertRecord, tellLedger } from './record.ts';
import { relandRecord } from './reland.ts';

export interface ApplyOptions extends Applier {
  /** Leave the result in index and worktree, and commit nothing. */
  readonly noCommit?: boolean;
}

/** What applying a plan did; `commit` is null when it was only staged. */
export interface Applied {
  readonly commit: string | null;
  readonly record: RevertRecord | RelandRecord | null;
}

/**
 * Does exactly what a plan says whose result is settled, on the branch HEAD is on: one commit, and the same change in index and worktree,
 * where whatever else is not committed stays. Throws NOT_CLEAN, HEAD_MOVED, WORKTREE_IN_THE_WAY or REFUSED_BY_HOOK, and
 * then nothing was changed.
 */
export async function applyRevert(
  ledger: Ledger,
  scratch: Scratch,
  plan: RevertPlan,
  options: ApplyOptions,
): Promise<Applied> {
  const { repo } = ledger;
  const to = plan.resultTree;
  // Beside a clean verdict there is a tree only where a flag has settled what was open.
  if (to === null) throw notClean(plan);
  const head = await readCommit(ledger.reader, plan.head);
  if (head === null || (await headOf(repo)) !== plan.head) throw headMoved(plan.head);
  const change: TreeSwitch = { from: head.tree, to };
  await copyTree(scratch, repo, to, head.tree);
  if (repo.top !== null) await switchTree(repo, change, true);
  if (options.noCommit === true) {
    await switchTree(repo, change);
    return { commit: null, record: null };
  }
  const commit = await makeCommit(
    repo,
    {
      tree: to,
      parent: plan.head,
      message: await messageFor(ledger, plan, options),
      // A name of its own: one that a kill left behind stands in nobody's way.
      messageFile: join(repo.gitDir, `AGENT_REVERT_MSG.${process.pid}`),
    },
    options.config,
  );
  await moveHead(repo, { change, from: plan.head, to: commit, why: `agent-revert: ${plan.txns.join(' ')}` });
  const record = (plan.action === 'reland' ? relandRecord : revertRecord)(plan, commit, to, options);
  await tellLedger(ledger, record, options);
  return { commit, record };
}

function notClean({ verdict, options }: RevertPlan): AgentLogError {
  const ways = options.filter((option) => option.verdict === 'clean').map(({ flag }) => `Say ${flag}.`);
  return new AgentLogError('NOT_CLEAN', 'answer', `the plan is not clean: ${verdict}`, { hints: ways });
}
