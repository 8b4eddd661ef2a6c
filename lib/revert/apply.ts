import { join } from 'node:path';
import { AgentLogError, messageOf } from '../core/errors.ts';
import type { RevertPlan } from '../core/generated/plan-v1.types.ts';
import { shortOid } from '../core/oid.ts';
import type { RevertRecord } from '../core/record.ts';
import { newUlid } from '../core/ulid.ts';
import type { GitConfig } from '../git/config.ts';
import { copyTree } from '../git/copy-objects.ts';
import { makeCommit } from '../git/make-commit.ts';
import { readCommit } from '../git/objects.ts';
import type { Repository } from '../git/repository.ts';
import { runGit } from '../git/runner.ts';
import type { Scratch } from '../git/scratch.ts';
import { switchTree, type TreeSwitch } from '../git/switch-tree.ts';
import { committer, committerLine } from '../identity/committer.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { appendRevert } from '../ledger/reverts.ts';
import { revertMessage, scopeOf } from './message.ts';

export interface ApplyOptions {
  /** Why, in the words of whoever does it. */
  readonly reason: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** With what COMMIT_CONFIG and SEAL_CONFIG name. */
  readonly config: GitConfig;
  readonly now: number;
  /** Leave the result in index and worktree, and commit nothing. */
  readonly noCommit?: boolean;
}

/** What applying a plan did; `commit` is null when it was only staged. */
export interface Applied {
  readonly commit: string | null;
  readonly record: RevertRecord | null;
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
  const now = await headNow(repo);
  if (head === null || now !== plan.head) throw headMoved(plan.head);
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
  await moveTo(repo, change, plan, commit);
  const record = revertRecord(plan, commit, to, options);
  await tellLedger(ledger, record, options);
  return { commit, record };
}

/** The commit stands by then: who hears of a failure must hear that, too. */
async function tellLedger(ledger: Ledger, record: RevertRecord, options: ApplyOptions): Promise<void> {
  const { commit, txns } = record;
  try {
    await appendRevert(ledger, record, {
      identity: committerLine(options.env, options.config, options.now),
      message: `agent-log: revert ${txns.join(', ')} by ${shortOid(commit)}\n\nVia: agent-revert\n`,
    });
  } catch (cause) {
    const problem = `${shortOid(commit)} takes it back, but the ledger could not be told: ${messageOf(cause)}`;
    throw new AgentLogError('NOT_APPENDED', 'system', problem, {
      cause,
      hints: [
        'The commit stands, and its message says what it takes back. Only the record of it is missing.',
      ],
    });
  }
}

/** Index and worktree first: should the branch have moved meanwhile they go back, and nothing was changed. */
async function moveTo(repo: Repository, change: TreeSwitch, plan: RevertPlan, commit: string): Promise<void> {
  if (repo.top !== null) await switchTree(repo, change);
  const args = ['update-ref', '-m', `agent-revert: ${plan.txns.join(' ')}`, 'HEAD', commit, plan.head];
  const { code } = await runGit(repo, { args, okCodes: [1, 128] });
  if (code === 0) return;
  if (repo.top !== null) await switchTree(repo, { from: change.to, to: change.from });
  throw headMoved(plan.head);
}

async function headNow(repo: Repository): Promise<string> {
  const { stdout } = await runGit(repo, { args: ['rev-parse', '-q', '--verify', 'HEAD'], okCodes: [1, 128] });
  return stdout.toString('utf8').trim();
}

async function messageFor(ledger: Ledger, plan: RevertPlan, { reason }: ApplyOptions): Promise<string> {
  const merges = plan.units.filter(({ kind }) => kind === 'merge');
  const parents = await Promise.all(
    merges.map(async ({ commit }): Promise<[string, string]> => {
      const merge = await readCommit(ledger.reader, commit);
      return [commit, merge?.parents[0] ?? ''];
    }),
  );
  return revertMessage({
    plan,
    title: plan.units.at(-1)?.subject ?? '',
    reason,
    mergeParents: new Map(parents.filter(([, parent]) => parent !== '')),
  });
}

function revertRecord(
  plan: RevertPlan,
  commit: string,
  tree: string,
  { reason, env, config, now }: ApplyOptions,
): RevertRecord {
  return {
    schema: 'agent-log/revert/v1',
    id: newUlid(now),
    txns: [...plan.txns],
    commit,
    units: plan.units.map((unit) => unit.commit),
    dependants: plan.dependants.map((one) => one.commit),
    scope: scopeOf(plan),
    verdict: verdictOf(plan),
    verified: plan.verified,
    plan: plan.digest,
    head: plan.head,
    tree,
    reason,
    by: committer(env, config),
    recordedAt: new Date(now).toISOString(),
  };
}

function verdictOf({ verdict, dependants, residue, superseded }: RevertPlan): RevertRecord['verdict'] {
  if (verdict !== 'clean' || residue.length + superseded.length > 0) return 'relaxed';
  return dependants.length === 0 ? 'clean' : 'with-dependants';
}

function notClean({ verdict, options }: RevertPlan): AgentLogError {
  const ways = options.filter((option) => option.verdict === 'clean').map(({ flag }) => `Say ${flag}.`);
  return new AgentLogError('NOT_CLEAN', 'answer', `the plan is not clean: ${verdict}`, { hints: ways });
}

function headMoved(head: string): AgentLogError {
  return new AgentLogError('HEAD_MOVED', 'answer', `HEAD is not at ${shortOid(head)} any more`, {
    hints: ['Nothing was changed. Plan again.'],
  });
}
