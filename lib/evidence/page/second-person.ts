import type { EvidenceDocument } from '../../core/generated/evidence-v1.types.ts';
import { answering, standingApprovals } from './outcome.ts';
import type { Approval } from './words.ts';

/** Standing approvals, apart by whether somebody else than those who made the change gave them. */
export interface Given {
  readonly byOthers: readonly Approval[];
  /** By people who answer for the change, or wrote something of it: no second person's word. */
  readonly byOwn: readonly Approval[];
}

export function givenApprovals(evidence: EvidenceDocument): Given {
  const own = ownHands(evidence);
  const standing = standingApprovals(evidence.approvals);
  const isOwn = ({ approval, signedBy }: Approval): boolean =>
    [approval.by, signedBy].some((who) => who !== null && own.has(personKey(who)));
  return { byOthers: standing.filter((one) => !isOwn(one)), byOwn: standing.filter(isOwn) };
}

export function personKey({ email }: { readonly email: string }): string {
  return email.trim().toLowerCase();
}

/** Whoever answers for the change, and whoever had a hand in it: by the address they wrote, and by the one they are known by. */
function ownHands(evidence: EvidenceDocument): Set<string> {
  const { txns, changes, authors } = evidence;
  const sponsors = [...txns, ...changes].flatMap(({ sponsor }) => sponsor ?? []);
  const hands = authors.flatMap(({ email, known }) => [{ email }, { email: known }]);
  return new Set([...sponsors, ...answering(evidence).people, ...hands].map(personKey));
}
