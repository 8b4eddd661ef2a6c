import type { EvidenceDocument } from '../core/generated/evidence-v1.types.ts';
import type { ApprovalRecord, DecisionRecord } from '../core/records/record.ts';
import { voiceOf } from '../identity/approvals/voice.ts';
import { judgeDecisions } from '../identity/decisions.ts';
import type { Judges } from '../identity/said-of.ts';
import { judgedAt } from '../identity/signatures/judged-at.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Told } from '../ledger/told/told.ts';

/** Decisions and approvals, as far as the people and keys at the target bear them out. */
export type JudgedWords = Pick<EvidenceDocument, 'decisions' | 'approvals'>;

/**
 * Judges what was decided and approved by the target as it is now. By the policy of another branch anybody may have written a
 * decision: whatever signed that, it is none of the target's.
 */
export async function judgedWords(
  ledger: Ledger,
  { roster, target }: Pick<Judges, 'roster' | 'target'>,
  decided: readonly Told<DecisionRecord>[],
  approved: readonly Told<ApprovalRecord>[],
  now: number,
): Promise<JudgedWords> {
  const at = await judgedAt(ledger, roster, [...decided, ...approved], now);
  return {
    decisions: judgeDecisions(decided, roster, at).map(({ told: { object, stored }, basis, signedBy }) => {
      const isOurs = target !== null && stored.record.subject.target === target.ref;
      const worth = isOurs ? { basis, signedBy } : { basis: 'asserted' as const, signedBy: null };
      return { digest: stored.digest, object, ...worth, decision: stored.record };
    }),
    approvals: approved.map((told) => {
      const { assurance, present, who } = voiceOf(told, roster, at);
      return {
        digest: told.stored.digest,
        object: told.object,
        basis: assurance,
        present,
        signedBy: assurance === 'attested' ? { name: who.name, email: who.email } : null,
        approval: told.stored.record,
      };
    }),
  };
}
