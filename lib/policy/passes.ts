import type { JudgedDecision } from '../identity/decisions.ts';
import type { Pass } from '../ledger/told/passed.ts';
import type { Checked } from './check.ts';
import { subjectOf } from './findings.ts';
import { STAGES } from './rules/policy.ts';

/**
 * Rules that pass, as far as that ends what they found of the same change before: those of the policy itself, in decisions a pipeline of the
 * target stands behind. A rule that does not apply any more, or is waived, says nothing of that.
 */
export function passesOf(checked: Checked, judged: readonly JudgedDecision[]): Pass[] {
  const { stage } = checked;
  const covers = STAGES.slice(0, STAGES.indexOf(stage) + 1);
  const about = subjectOf(checked);
  return judged.flatMap(({ told: { stored }, basis }) => {
    const { rule, result } = stored.record;
    return basis === 'evaluated' && result === 'pass'
      ? [{ ...about, rule, stage, covers, decision: stored.digest }]
      : [];
  });
}
