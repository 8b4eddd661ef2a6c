import type { Finding } from '../core/records/exception.ts';
import type { Checked } from './check.ts';
import { isDenial } from './decision-records.ts';

/** Stages at which a change is let in: what is denied before that is still on its way, and nothing has gone wrong. */
const LETS_IN: ReadonlySet<Checked['stage']> = new Set(['merge', 'deploy']);

/**
 * What a check found that belongs into the queue: each denial of a stage that lets changes in, or of any stage where that is
 * asked for. The same rule on the same merge request, or transaction, is the same exception, whatever was pushed since.
 */
export function findingsOf(checked: Checked, anyStage: boolean): Finding[] {
  const { stage, rulings, facts } = checked;
  if (!anyStage && !LETS_IN.has(stage)) return [];
  const about = subjectOf(checked);
  return rulings.filter(isDenial).map(({ rule, result, message, severity }) => ({
    ...about,
    type: result === 'error' ? 'decision-error' : 'policy-violation',
    severity,
    rule,
    classes: facts.change.classes,
    detectedBy: 'check',
    stage,
    ...(message === null ? {} : { text: message }),
  }));
}

/** What an exception of a check is about. */
export function subjectOf({ subject, txns }: Pick<Checked, 'subject' | 'txns'>): {
  readonly txn: string | null;
  readonly commit?: string;
  readonly mr?: string;
} {
  const [txn = null, ...others] = txns;
  return subject.mr === undefined
    ? { txn: others.length === 0 ? txn : null, commit: subject.head }
    : { txn: null, mr: subject.mr };
}
