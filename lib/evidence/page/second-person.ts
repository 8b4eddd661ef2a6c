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
  const isOwn = ({ approval }: Approval): boolean => own.has(personKey(approval.by));
  return { byOthers: standing.filter((one) => !isOwn(one)), byOwn: standing.filter(isOwn) };
}

export function personKey({ email }: { readonly email: string }): string {
  return email.trim().toLowerCase();
}

/** A document names sponsors; authors only where a rule read them. */
function ownHands(evidence: EvidenceDocument): Set<string> {
  const { txns, changes, decisions } = evidence;
  const sponsors = [...txns, ...changes].flatMap(({ sponsor }) => sponsor ?? []);
  const facts = decisions.flatMap(({ decision }) => decision.clauses.map((clause) => clause.facts));
  const authors = facts.flatMap((one) => [one['change.authors'], one['change.committers']].flatMap(peopleIn));
  return new Set([...sponsors, ...answering(evidence).people, ...authors].map(personKey));
}

/** A fact's value is JSON that may have been cut: whoever is named whole is one of them. */
function peopleIn(fact: string = ''): { email: string }[] {
  return [...fact.matchAll(/"([^"\\]*)"/g)].map(([, email = '']) => ({ email }));
}
