import type { EvidenceDocument } from '../core/generated/evidence-v1.types.ts';
import { voiceOf } from '../identity/approvals/voice.ts';
import { judgeDecisions } from '../identity/decisions.ts';
import { judgesOf } from '../identity/said-of.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { readTold } from '../ledger/told.ts';

/** What was decided of changes and who said yes to them, as far as the people and keys at the target bear it out. */
export type ToldOfChanges = Pick<EvidenceDocument, 'decisions' | 'approvals'>;

/** Reads and judges it; `only` keeps what is of some commits. */
export async function toldOfChanges(
  ledger: Ledger,
  only: ReadonlySet<string> | null,
  now: number,
): Promise<ToldOfChanges> {
  const { roster, target } = await judgesOf(ledger);
  const isWanted = ({ object }: { readonly object: string }): boolean => only === null || only.has(object);
  const decided = (await readTold(ledger, 'decision')).filter(isWanted);
  const said = (await readTold(ledger, 'approval')).filter(isWanted);
  return {
    decisions: judgeDecisions(decided, roster, { now }).map(({ told, basis, signedBy }) => {
      const { record, digest } = told.stored;
      // By the policy of another branch anybody may have written it, whatever signed it.
      const isOurs = target !== null && record.subject.target === target.ref;
      const worth = isOurs ? { basis, signedBy } : { basis: 'asserted' as const, signedBy: null };
      return { digest, object: told.object, ...worth, decision: record };
    }),
    approvals: said.map((told) => {
      const { assurance, present, who } = voiceOf(told, roster, { now });
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
