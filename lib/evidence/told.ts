import { AgentLogError } from '../core/errors.ts';
import type { EvidenceDocument } from '../core/generated/evidence-v1.types.ts';
import { voiceOf } from '../identity/approvals/voice.ts';
import { judgeDecisions } from '../identity/decisions.ts';
import { emptyRoster } from '../identity/roster/parse.ts';
import { readRoster } from '../identity/roster/read.ts';
import type { Roster } from '../identity/roster/roster.ts';
import { changeTarget } from '../ledger/change-target.ts';
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
      const isOurs = target !== null && record.subject.target === target;
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

/** Nobody's key counts where there is no target, or its file can't be read. */
async function judgesOf(
  ledger: Ledger,
): Promise<{ readonly roster: Roster; readonly target: string | null }> {
  try {
    const { ref, commit } = await changeTarget(ledger);
    return { roster: await readRoster(ledger.reader, commit), target: ref };
  } catch (error) {
    if (error instanceof AgentLogError && (error.code === 'NOT_FOUND' || error.code === 'BAD_ROSTER'))
      return { roster: emptyRoster(''), target: null };
    throw error;
  }
}
