import { AgentLogError } from '../core/errors.ts';
import type { Waiver, WaiverJudging } from '../core/events/waivers.ts';
import { type Person, parsePerson } from '../core/person.ts';
import { readCommit } from '../git/objects.ts';
import { knownPeople } from '../identity/roster/known-people.ts';
import { readRoster } from '../identity/roster/read.ts';
import type { Roster } from '../identity/roster/roster.ts';
import { judgedAt } from '../identity/signatures/judged-at.ts';
import { vouchedEvents } from '../identity/vouched.ts';
import { changeTarget } from '../ledger/change-target.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { findTxn } from '../ledger/txn.ts';
import type { QueueJudging } from '../oversight/exceptions/queue.ts';
import type { Io } from './io.ts';

/** What steps are judged by: the moment, and the people the default branch knows. Throws BAD_ROSTER. */
export async function judgingOf(io: Io, ledger: Ledger): Promise<QueueJudging> {
  const roster = await rosterAtTarget(ledger);
  if (roster === null) return { now: io.now };
  return {
    now: io.now,
    people: knownPeople(roster),
    vouch: async (told) => vouchedEvents(told, roster, await judgedAt(ledger, roster, told, io.now)),
  };
}

async function rosterAtTarget(ledger: Ledger): Promise<Roster | null> {
  const target = await changeTarget(ledger).catch((error: unknown) => {
    // Where no branch is the one changes go to, nobody has said who may do what.
    if (error instanceof AgentLogError && error.code === 'NOT_FOUND') return null;
    throw error;
  });
  return target === null ? null : readRoster(ledger.reader, target.commit);
}

/** With those who made the change a waiver is for. */
export async function withAuthors(
  ledger: Ledger,
  judging: WaiverJudging,
  { txn }: Pick<Waiver, 'txn'>,
): Promise<WaiverJudging> {
  const commits = txn === null ? [] : ((await findTxn(ledger, txn))?.commits ?? []);
  const found = await Promise.all(commits.map((oid) => readCommit(ledger.reader, oid)));
  const authors = found.flatMap((commit): Person[] => {
    const author = parsePerson(commit?.author.replace(/ \d+ [+-]\d{4}$/, '') ?? '');
    return author === null ? [] : [author];
  });
  return { ...judging, authorsOf: (asked) => (asked === txn ? authors : []) };
}
