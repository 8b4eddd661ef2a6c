import { AgentLogError } from '../../core/errors.ts';
import type { Waiver, WaiverJudging } from '../../core/events/waivers.ts';
import { type Person, parsePerson } from '../../core/person.ts';
import { firstCommit } from '../../git/history/first-commit.ts';
import { readCommit } from '../../git/objects/objects.ts';
import { knownPeople } from '../../identity/roster/known-people.ts';
import { readRoster } from '../../identity/roster/read.ts';
import type { Roster } from '../../identity/roster/roster.ts';
import { judgedAt } from '../../identity/signatures/judged-at.ts';
import { trustOfSteps } from '../../identity/vouched.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { findTxn } from '../../ledger/reading/txn.ts';
import { changeTarget } from '../../ledger/told/change-target.ts';
import type { QueueJudging } from '../../oversight/exceptions/queue.ts';
import type { Io } from '../terminal/io.ts';

/** What steps are judged by: the moment, and the people the default branch knows. Throws BAD_ROSTER. */
export async function judgingOf(io: Io, ledger: Ledger): Promise<QueueJudging> {
  const found = await rosterAtTarget(ledger);
  if (found === null) return { now: io.now };
  const { roster, root } = found;
  return {
    now: io.now,
    root,
    people: knownPeople(roster),
    vouch: async (told) => trustOfSteps(told, roster, await judgedAt(ledger, roster, told, io.now)),
  };
}

/** The same for what a program finds: a file of people that can't be read keeps nothing out of the queue. */
export async function judgingIfKnown(io: Io, ledger: Ledger): Promise<QueueJudging> {
  try {
    return await judgingOf(io, ledger);
  } catch (error) {
    if (error instanceof AgentLogError && error.code === 'BAD_ROSTER') return { now: io.now };
    throw error;
  }
}

async function rosterAtTarget(
  ledger: Ledger,
): Promise<{ readonly roster: Roster; readonly root: string | null } | null> {
  const target = await changeTarget(ledger).catch((error: unknown) => {
    // Where no branch is the one changes go to, nobody has said who may do what.
    if (error instanceof AgentLogError && error.code === 'NOT_FOUND') return null;
    throw error;
  });
  if (target === null) return null;
  const [roster, root] = await Promise.all([
    readRoster(ledger.reader, target.commit),
    firstCommit(ledger.repo, target.commit),
  ]);
  return { roster, root };
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
