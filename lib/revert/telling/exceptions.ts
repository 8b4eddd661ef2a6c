import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import type { Finding } from '../../core/records/exception.ts';
import { scopeOf } from './message.ts';

/**
 * What is not in order after a revert somebody asked for: of a transaction something stayed, or the history or the records could
 * not be relied on, so that nobody can say how far taking it back would go. One that waits for a decision, or is not here, is neither.
 */
export function revertFindings(plan: RevertPlan): Finding[] {
  if (plan.action === 'reland') return [];
  const about = plan.txns.map((txn) => ({ txn, detectedBy: 'revert' as const }));
  if (plan.verdict === 'refused')
    return about.map((one) => ({
      ...one,
      type: 'rollback-unbounded',
      text: 'It can not be taken back as one unit: the history or the records can not be relied on.',
    }));
  if (plan.resultTree === null || scopeOf(plan) === 'full') return [];
  return about.map((one) => ({ ...one, type: 'revert-partial', text: 'It was taken back in part.' }));
}
