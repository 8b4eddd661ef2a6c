import { AgentLogError } from '../../core/errors.ts';
import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import type { RelandRecord, RevertRecord } from '../../core/records/record.ts';
import { claimedTrailers } from '../../core/records/trailers.ts';
import { copyTree } from '../../git/objects/copy-objects.ts';
import { makeCommit } from '../../git/objects/make-commit.ts';
import { readCommit } from '../../git/objects/objects.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { newBranchRef } from '../../git/refs/branch-name.ts';
import { switchTree, type TreeSwitch } from '../../git/repository/switch-tree.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Applier } from './applier.ts';
import { headMoved, headOf } from './move.ts';
import { messageFor, revertRecord } from './record.ts';
import { relandRecord } from './reland.ts';
import { inFolder } from './state.ts';

/** A revert that is made and has happened nowhere yet: its commits are in no branch. */
export interface PreparedRevert {
  readonly head: string;
  readonly change: TreeSwitch;
  /** In the order they were made. */
  readonly commits: readonly string[];
  readonly record: RevertRecord | RelandRecord;
}

export interface PrepareOptions extends Applier {
  /** It is for a branch of its own: HEAD, index and worktree have no say in it. */
  readonly aside?: boolean;
  /** The transaction open in this worktree, for hooks that can't see that it is this one. */
  readonly txn?: string | null;
}

/**
 * Makes the commits of a plan whose result is settled: one, or one for each of its steps. No branch, index or worktree is
 * touched. Throws NOT_CLEAN, HEAD_MOVED, WORKTREE_IN_THE_WAY, REFUSED_BY_HOOK or NOT_SIGNED.
 */
export async function prepareRevert(
  ledger: Ledger,
  scratch: Scratch,
  plan: RevertPlan,
  options: PrepareOptions,
): Promise<PreparedRevert> {
  const change = await checkedChange(ledger, scratch, plan, options.aside === true);
  const commits = await makeCommits(ledger, scratch, plan, options);
  const record =
    plan.action === 'reland'
      ? relandRecord(plan, commits.at(-1) ?? '', change.to, options)
      : revertRecord(plan, commits, change.to, options);
  return { head: plan.head, change, commits, record };
}

/** What will change, after a look whether it can; its trees are in the repository then. */
export async function checkedChange(
  ledger: Ledger,
  scratch: Scratch,
  plan: RevertPlan,
  aside: boolean,
): Promise<TreeSwitch> {
  const { repo } = ledger;
  const to = plan.resultTree;
  // Beside a clean verdict there is a tree only where a flag has settled what was open.
  if (to === null) throw notClean(plan);
  const head = await readCommit(ledger.reader, plan.head);
  if (head === null || (!aside && (await headOf(repo)) !== plan.head)) throw headMoved(plan.head);
  for (const { tree } of plan.steps ?? [{ tree: to }]) await copyTree(scratch, repo, tree, head.tree);
  const change = { from: head.tree, to };
  if (!aside && repo.top !== null) await switchTree(repo, change, true);
  return change;
}

/** The ref of the branch a revert is made on; null for the one HEAD is on. Throws BAD_ARGUMENT. */
export async function branchFor({ repo }: Ledger, name: string | null): Promise<string | null> {
  return name === null ? null : newBranchRef(repo, name);
}

async function makeCommits(
  ledger: Ledger,
  scratch: Scratch,
  plan: RevertPlan,
  options: PrepareOptions,
): Promise<string[]> {
  const steps = plan.steps ?? [{ commits: null, tree: plan.resultTree ?? '' }];
  const made: string[] = [];
  const head = await headOf(ledger.repo);
  let txn = options.txn ?? null;
  for (const [i, { commits, tree }] of steps.entries()) {
    const parent = made.at(-1) ?? plan.head;
    const place = commits === null ? null : { commits, number: i + 1, of: steps.length };
    const message = await messageFor(ledger, plan, options, place);
    // All of it is one piece of work, whoever's it is.
    const env = txn === null ? {} : { env: { AGENT_LOG_TXN: txn } };
    const wanted = { tree, parent, message, isAhead: parent !== head, ...env };
    const commit = await inFolder(ledger.repo, (folder) =>
      makeCommit(ledger.repo, { ...wanted, folder }, options.config),
    );
    made.push(commit);
    txn ??= claimedTrailers((await readCommit(ledger.reader, commit))?.message ?? '').txns[0] ?? null;
  }
  return made;
}

function notClean({ verdict, options }: RevertPlan): AgentLogError {
  const ways = options.filter((option) => option.verdict === 'clean').map(({ flag }) => `Say ${flag}.`);
  return new AgentLogError('NOT_CLEAN', 'answer', `the plan is not clean: ${verdict}`, { hints: ways });
}
