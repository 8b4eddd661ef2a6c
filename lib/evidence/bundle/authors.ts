import type { Commit } from '../../git/objects/objects.ts';
import { handsInCommit } from '../../identity/approvals/hands.ts';
import { type Roster, whoIs } from '../../identity/roster/roster.ts';
import type { EvidenceDocument } from './evidence.ts';

/** Everybody who had a hand in some commits, once for each name and address, in the order they come. */
export function authorsOf(commits: readonly Commit[], roster: Roster): EvidenceDocument['authors'] {
  const hands = commits.flatMap(handsInCommit);
  const unique = new Map(hands.map((hand) => [`${hand.name} <${hand.email}>`, hand]));
  return [...unique.values()].map((hand) => ({ ...hand, known: whoIs(roster, hand).email }));
}
