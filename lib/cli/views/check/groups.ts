import type { CheckDecision, CheckDocument } from '../../../core/generated/check-v1.types.ts';

/** Decisions as a person wants them: what denies first, and the worst of it before the rest. */
export interface Groups {
  readonly denies: readonly CheckDecision[];
  readonly waived: readonly CheckDecision[];
  /** Neither passed nor skipped, and not enforced. */
  readonly warns: readonly CheckDecision[];
  readonly skipped: readonly CheckDecision[];
  readonly passed: readonly CheckDecision[];
}

export function groupDecisions({ decisions }: CheckDocument): Groups {
  const open = (one: CheckDecision): boolean => one.result !== 'pass' && one.result !== 'skip';
  const sorted = [...decisions].sort((a, b) => RANKS[a.severity] - RANKS[b.severity]);
  return {
    denies: sorted.filter(({ denies }) => denies),
    waived: sorted.filter((one) => !one.denies && open(one) && one.waiver !== null),
    warns: sorted.filter((one) => !one.denies && open(one) && one.waiver === null),
    skipped: sorted.filter(({ denies, result }) => !denies && result === 'skip'),
    passed: decisions.filter(({ denies, result }) => !denies && result === 'pass'),
  };
}

const RANKS: Readonly<Record<CheckDecision['severity'], number>> = {
  critical: 0,
  high: 1,
  medium: 2,
  low: 3,
  info: 4,
};

/** Why a decision is what it is: its own words, and those of its clauses that did not hold, each once. */
export function reasonsOf({ message, clauses }: CheckDecision): string[] {
  const reasons = clauses
    .filter(({ result }) => result !== 'pass')
    .map(
      ({ id, result, message }) =>
        message ?? `${id} ${result === 'error' ? 'could not be evaluated' : 'does not hold'}`,
    );
  // A rule's own words may be those of its clauses, one behind the other.
  const isSum =
    message === null || (reasons.length > 0 && reasons.every((reason) => message.includes(reason)));
  return [...new Set([...(isSum ? [] : [message]), ...reasons])];
}

/** In one word, for people. */
export function verdictWord(decision: CheckDecision): string {
  if (decision.result === 'error') return 'could not be evaluated';
  return decision.result === 'fail' ? 'failed' : decision.result;
}

/** Who says it, where that is not the policy itself. */
export function toldBy({ source, basis }: CheckDecision): string | null {
  return basis === 'imported' || source.kind === 'import' ? `by ${source.tool}, imported` : null;
}
