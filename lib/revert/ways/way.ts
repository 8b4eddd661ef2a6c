import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import { filesOf } from '../findings.ts';
import { notUndone } from '../not-undone.ts';
import type { Workshop } from '../relaxed.ts';
import type { Situation } from '../situation.ts';

/** Decisions somebody has taken beforehand. */
export interface PlanFlags {
  /** Take what depends on it, too. */
  readonly withDependants?: boolean;
  /** Place by place instead of git's merge, where that refuses. */
  readonly relaxed?: boolean;
  /** Take back whatever nobody has touched since, and leave the rest. */
  readonly hunks?: boolean;
  /** Take a commit whole, though somebody else's edits may be in it. */
  readonly acceptShared?: boolean;
  /** The most commits that may go besides the transaction's own. */
  readonly mostDependants?: number;
  /** Whether a tree passes the verify command; not given when there is none. */
  readonly verify?: (tree: string) => Promise<boolean>;
}

/** A plan but for what it is sealed with. */
export type PlanBody = Omit<RevertPlan, 'schema' | 'digest'>;
export type Option = RevertPlan['options'][number];

/** One way through, worked out: how it is offered, and what the plan is when it is taken. */
export interface Way {
  readonly option: Option;
  readonly dependants: RevertPlan['dependants'];
  readonly chosenBy: (flags: PlanFlags) => boolean;
  readonly apply: (body: PlanBody) => Promise<PlanBody>;
}

/** A plan with what it leads to, and what that does. */
export async function withTree(
  shop: Workshop,
  { tip, place, units }: Situation,
  body: PlanBody,
  tree: string,
): Promise<PlanBody> {
  const files = await filesOf(shop.scratch, tip.tree, tree);
  const oldest = units.at(-1)?.commit ?? tip.oid;
  return { ...body, resultTree: tree, files, notUndone: await notUndone(place, oldest, files) };
}

/** What needed more than an exact merge is clean only once the verify command has passed. */
export function verdictOf(verified: boolean | null): 'clean' | 'needs-decision' {
  return verified === true ? 'clean' : 'needs-decision';
}

/** What the verify command says of a tree; null where there is none, or nothing to ask. */
export async function verifiedBy(
  { verify }: PlanFlags,
  { tip }: Situation,
  tree: string,
): Promise<boolean | null> {
  return verify === undefined || tree === tip.tree ? null : verify(tree);
}
