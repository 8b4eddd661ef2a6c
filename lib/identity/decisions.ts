import type { DecisionRecord } from '../core/records/record.ts';
import type { Told } from '../ledger/told/told.ts';
import type { Roster } from './roster/roster.ts';
import { type JudgedAt, pipelineBehind } from './signatures/judge.ts';

/** How far a decision is to be believed: anybody may have said it, a pipeline of the target signed it, or signed that a tool said it. */
export type Basis = 'asserted' | 'evaluated' | 'imported';

/** A decision, and what it is worth by the roster of the target. */
export interface JudgedDecision {
  readonly told: Told<DecisionRecord>;
  readonly basis: Basis;
  /** The pipeline that vouches for it; null where none does. */
  readonly signedBy: string | null;
}

/**
 * Judges decisions. A check signs the last of its decisions, and each names the one before it by digest: so a signature vouches
 * for the decisions before it of the same check, and for nothing that was there before that.
 */
export function judgeDecisions(
  decisions: readonly Told<DecisionRecord>[],
  roster: Roster,
  at: JudgedAt,
): JudgedDecision[] {
  const byDigest = new Map(decisions.map((told) => [told.stored.digest, told]));
  const vouched = new Map<string, string>();
  for (const told of decisions) {
    const signer = pipelineBehind(told, roster, at);
    if (signer === null) continue;
    for (const digest of sameCheck(told, byDigest)) vouched.set(digest, signer);
  }
  return decisions.map((told) => {
    const signedBy = vouched.get(told.stored.digest) ?? null;
    const vouchedFor = told.stored.record.source.kind === 'import' ? 'imported' : 'evaluated';
    return { told, signedBy, basis: signedBy === null ? 'asserted' : vouchedFor };
  });
}

/** Digests of a decision and those of its check before it, as far as each names the one before. */
function* sameCheck(
  last: Told<DecisionRecord>,
  byDigest: ReadonlyMap<string, Told<DecisionRecord>>,
): Generator<string> {
  const { run } = last.stored.record;
  let one: Told<DecisionRecord> | undefined = last;
  while (one !== undefined && one.stored.record.run === run) {
    yield one.stored.digest;
    const { prev }: DecisionRecord = one.stored.record;
    one = prev === null ? undefined : byDigest.get(prev);
  }
}
