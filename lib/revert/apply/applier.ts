import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import type { RevertRecord } from '../../core/records/record.ts';
import type { GitConfig } from '../../git/repository/config.ts';
import { committer } from '../../identity/committer.ts';

/** Who applies a plan, when and why. */
export interface Applier {
  /** Why, in the words of whoever does it. */
  readonly reason: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** With what COMMIT_CONFIG and SEAL_CONFIG name. */
  readonly config: GitConfig;
  readonly now: number;
  /** How sure the result is, where the plan does not tell. */
  readonly verdict?: RevertRecord['verdict'];
}

type Applied = 'verified' | 'regenerated' | 'plan' | 'head' | 'tree' | 'reason' | 'by' | 'recordedAt';

/** What the record of every applied plan says of the plan, its outcome and who applied it. */
export function appliedBy(
  plan: RevertPlan,
  tree: string,
  { reason, env, config, now }: Applier,
): Pick<RevertRecord, Applied> {
  const { regenerated = [] } = plan;
  return {
    verified: plan.verified,
    ...(regenerated.length > 0 && { regenerated: regenerated.map(({ path }) => path) }),
    plan: plan.digest,
    head: plan.head,
    tree,
    reason,
    by: committer(env, config),
    recordedAt: new Date(now).toISOString(),
  };
}
