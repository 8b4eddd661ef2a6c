import type { ApprovalRecord } from '../../core/records/record.ts';
import type { Told } from '../../ledger/told/told.ts';
import { type KnownAs, personWithAccount, type Roster, whoIs } from '../roster/roster.ts';
import { type JudgedAt, type JudgedSignature, judgeSignatures, whyNot } from '../signatures/judge.ts';

/**
 * How sure it is that somebody said something. attested: signed with a key the roster gives them. imported: a host said so, and a
 * pipeline of the roster signed that. asserted: anybody may have written it.
 */
export type Assurance = 'attested' | 'imported' | 'asserted';

/** Somebody's word in the ledger, and how sure it is theirs. */
export interface Voice {
  readonly told: Told<ApprovalRecord>;
  readonly who: KnownAs;
  readonly assurance: Assurance;
  /** `SHA256:…` of the key that makes it sure; null where none does. */
  readonly key: string | null;
  /** True when somebody touched a security key for it. */
  readonly present: boolean;
  /** Why its signatures count for nothing. */
  readonly unsure: readonly string[];
}

/** Whose word a record is, by the roster. A name is only what somebody wrote: the key decides. */
export function voiceOf(told: Told<ApprovalRecord>, roster: Roster, at: JudgedAt): Voice {
  const { record } = told.stored;
  const who = whoSaid(record, roster);
  const signatures = judgeSignatures(told, roster, at);
  const own = signatures.find((one) => isBy(one, who, roster));
  const relayed = record.imported && signatures.find(({ by }) => by.kind === 'ci');
  const sure = own ?? relayed;
  return {
    told,
    who,
    assurance: own === undefined ? (relayed === undefined ? 'asserted' : 'imported') : 'attested',
    key: sure?.key ?? null,
    present: own?.present ?? false,
    unsure:
      sure === undefined
        ? whyNot(
            signatures.map((one) => ({
              ...one,
              why: one.why ?? `it is signed with the key of ${holder(one.by)}`,
            })),
          )
        : [],
  };
}

/** The host knows people by their accounts. */
function whoSaid({ by, imported }: ApprovalRecord, roster: Roster): KnownAs {
  if (imported === undefined) return whoIs(roster, by);
  const host = (['github', 'gitlab'] as const).find((one) => imported.format.toLowerCase().includes(one));
  const person = personWithAccount(roster, imported.account, host ?? null);
  return whoIs(roster, person ?? by);
}

/** A touch of one's own: the pipeline's key is not a person's, and another person's is not theirs. */
function isBy({ by }: JudgedSignature, who: KnownAs, roster: Roster): boolean {
  return by.kind === 'person' && who.person !== null && whoIs(roster, by.person).id === who.id;
}

function holder(by: JudgedSignature['by']): string {
  if (by.kind === 'person') return by.person.email;
  return by.kind === 'ci' ? `the pipeline ${by.ci.name}` : 'nobody';
}
