import type { Binding } from '../core/records/binding.ts';
import type { ReplayRecord } from '../core/records/record.ts';
import type { RiskClass } from '../core/risk/risk.ts';

export type Verdict = ReplayRecord['verdict'];
export type Coverage = ReplayRecord['coverage'];
export type Difference = ReplayRecord['differences'][number];
export type MissingInput = ReplayRecord['missing'][number];
export type ReplayedCheck = NonNullable<ReplayRecord['checks']>[number];
export type ReplayedCall = NonNullable<ReplayRecord['calls']>[number];
export type Problem = ReplayRecord['problems'][number];

/** What came of replaying one commit. */
export interface Outcome {
  readonly commit: string;
  readonly subject: string | null;
  /** As the record has it, not as it may have been regrouped. */
  readonly txn: string | null;
  readonly record: string | null;
  /** Of the record's files, the riskiest first. */
  readonly classes: readonly RiskClass[];
  readonly verdict: Verdict;
  readonly binding: Binding;
  readonly sealed: boolean;
  readonly coverage: Coverage;
  readonly differences: readonly Difference[];
  readonly differencesLeftOut?: number;
  readonly missing: readonly MissingInput[];
  readonly problems: readonly Problem[];
  /** Of calls that were done again, those that did not do what is recorded. */
  readonly calls?: readonly ReplayedCall[];
  /** Of a rerun. */
  readonly checks?: readonly ReplayedCheck[];
  readonly similarity?: number;
}

/** Differences, and missing inputs, that are listed for one commit. */
export const MOST_LISTED = 100;

/** Outcomes by verdict. */
export type ReplaySummary = Readonly<Record<Verdict, number>>;

export function summaryOf(outcomes: readonly Pick<Outcome, 'verdict'>[]): ReplaySummary {
  const counts = {
    identical: 0,
    equivalent: 0,
    accepted: 0,
    divergent: 0,
    failed: 0,
    inconclusive: 0,
    invalid: 0,
    skipped: 0,
  };
  for (const { verdict } of outcomes) counts[verdict]++;
  return counts;
}
