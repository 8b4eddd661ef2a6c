import { AgentLogError } from '../../core/errors.ts';
import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import type { RevertRecord } from '../../core/records/record.ts';
import { copyTree } from '../../git/objects/copy-objects.ts';
import { makeCommit } from '../../git/objects/make-commit.ts';
import { readCommit } from '../../git/objects/objects.ts';
import { switchTree } from '../../git/repository/switch-tree.ts';
import type { Applier } from '../apply/applier.ts';
import { headOf } from '../apply/move.ts';
import { messageFor, revertRecord } from '../apply/record.ts';
import { inFolder } from '../apply/state.ts';
import type { SagaStep } from './intent.ts';
import type { SagaPlace } from './place.ts';

/** Who reverts, and why. Each repository says itself how they are called there. */
export interface SagaActor extends Omit<Applier, 'config' | 'now'> {
  readonly clock: () => number;
}

/** One repository's part, with its commit made and no branch moved. */
export interface PreparedStep {
  readonly step: SagaStep;
  readonly revert: RevertRecord | null;
}

/**
 * Makes the commit of one repository's plan, and moves no branch. Throws WORKTREE_IN_THE_WAY or REFUSED_BY_HOOK where it
 * could not be applied.
 */
export async function prepareStep(
  place: SagaPlace,
  plan: RevertPlan,
  saga: string,
  actor: SagaActor,
): Promise<PreparedStep> {
  const { name, branch, remote } = place;
  const units = plan.units.map(({ commit }) => commit);
  const of = { name, branch, remote, plan: plan.digest, head: plan.head, units };
  const step = { ...of, commit: null, step: 'nothing', problem: null, compensation: null } as const;
  if (plan.resultTree === null) return { step, revert: null };
  const applier = applierOf(place, actor);
  const commit = await commitOn(place, plan.head, plan.resultTree, {
    message: `${await messageFor(place.ledger, plan, applier)}Revert-Saga: ${saga}\n`,
    asks: true,
  });
  return {
    step: { ...step, commit, step: 'planned' },
    revert: revertRecord(plan, [commit], plan.resultTree, applier),
  };
}

export function applierOf({ config }: SagaPlace, { clock, ...actor }: SagaActor): Applier {
  return { ...actor, config, now: clock() };
}

/** A commit of a tree that only the scratch repository has; `asks` whether index and worktree could follow. */
export async function commitOn(
  { ledger, scratch, isHead, config }: SagaPlace,
  parent: string,
  tree: string,
  { message, asks }: { readonly message: string; readonly asks: boolean },
): Promise<string> {
  const { repo } = ledger;
  const head = await readCommit(ledger.reader, parent);
  if (head === null) throw new AgentLogError('NOT_FOUND', 'system', `commit ${parent} is not here`);
  await copyTree(scratch, repo, tree, head.tree);
  if (asks && isHead) await switchTree(repo, { from: head.tree, to: tree }, true);
  const isAhead = (await headOf(repo)) !== parent;
  return inFolder(repo, (folder) => makeCommit(repo, { tree, parent, message, folder, isAhead }, config));
}
