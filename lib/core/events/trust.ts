/**
 * How far a step is to be believed. attested: the person it names signed it, with a key the target gives them. evaluated: a pipeline of the
 * target signed it. asserted: anybody who may write to the ledger can have written it.
 */
export type StepTrust = 'asserted' | 'evaluated' | 'attested';

/** Of a step, by the digest of its line. */
export type TrustOf = (digest: string) => StepTrust;

/** Where nobody looks at signatures. */
export const ALL_ASSERTED: TrustOf = () => 'asserted';

/** What nothing is known of is asserted. */
export function trustIn(known: ReadonlyMap<string, StepTrust>): TrustOf {
  return (digest) => known.get(digest) ?? 'asserted';
}

/** Digests of the steps that the people they name have signed. */
export function attestedIn(known: ReadonlyMap<string, StepTrust>): Set<string> {
  return new Set([...known].flatMap(([digest, trust]) => (trust === 'attested' ? [digest] : [])));
}
