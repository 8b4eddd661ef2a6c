import type { Person } from '../../core/person.ts';
import type { ApprovalRecord, ChangeSubject } from '../../core/record.ts';
import { handsIn, personIn } from '../../identity/approvals/hands.ts';
import {
  approversOf,
  type JudgedApproval,
  type JudgedWords,
  judgeApprovals,
} from '../../identity/approvals/judge.ts';
import type { CodeOwners } from '../../identity/code-owners.ts';
import { ownershipOf } from '../../identity/code-owners.ts';
import { isOwner, ownerApprovals } from '../../identity/owner-approval.ts';
import {
  notTheirs,
  type Roster,
  type ChangedFile as RosterFile,
  whoIs,
} from '../../identity/roster/roster.ts';
import type { Told } from '../../ledger/told.ts';
import type { ApprovalFact, ChangedFile, OwnerApproval, SponsorFact } from '../facts.ts';
import type { RangeCommit } from './range-commits.ts';

/** Who had a part in a change, and who said what of it. */
export interface PeopleAsked {
  readonly subject: ChangeSubject;
  /** Digest of the policy file at the target. */
  readonly policy: string;
  readonly merge: 'clean' | 'conflict' | 'unknown';
  readonly roster: Roster;
  readonly codeOwners: CodeOwners;
  readonly commits: readonly RangeCommit[];
  readonly files: readonly ChangedFile[];
  readonly told: readonly Told<ApprovalRecord>[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface PeopleFacts {
  readonly authors: readonly string[];
  readonly committers: readonly string[];
  readonly sponsors: readonly SponsorFact[];
  /** Agent commits nobody answers for. */
  readonly sponsorsMissing: number;
  readonly approvals: readonly ApprovalFact[];
  readonly owners: readonly OwnerApproval[];
}

/** The people of a change as rules see them: one person behind several addresses is one, and no agent is any. */
export function peopleFacts(asked: PeopleAsked): PeopleFacts {
  const { roster, commits, codeOwners, files } = asked;
  const wrote = commits.flatMap(({ logged }) => handsIn(logged));
  const authors = humans(
    roster,
    commits.map(({ logged }) => personIn(logged.author)),
  );
  const words = judgeApprovals(asked.told, {
    roster,
    change: { subject: asked.subject, policy: asked.policy, merge: asked.merge },
    authors: wrote,
    sponsors: commits.flatMap(({ record }) => record?.sponsor ?? []),
    files: filesByTxn(commits, files),
    now: asked.now,
  });
  const isAuthor = new Set(wrote.map((person) => whoIs(roster, person).id));
  const { sponsors, missing } = sponsorsOf(asked, words, isAuthor);
  return {
    authors,
    committers: humans(
      roster,
      commits.map(({ logged }) => personIn(logged.committer)),
    ),
    sponsors,
    sponsorsMissing: missing,
    approvals: words.approvals.map((one) => approvalFact(one, asked)),
    owners: ownerApprovals(
      codeOwners,
      roster,
      files.flatMap(({ path, old_path: old }) => (old === '' ? [path] : [path, old])),
      approversOf(words),
    ),
  };
}

function humans(roster: Roster, people: readonly Person[]): string[] {
  const known = people.map((person) => whoIs(roster, person)).filter(({ isHuman }) => isHuman);
  return [...new Set(known.map(({ id }) => id))].sort();
}

function filesByTxn(
  commits: readonly RangeCommit[],
  files: readonly ChangedFile[],
): Map<string, readonly RosterFile[]> {
  const classesOf = new Map(files.map(({ path, classes }) => [path, classes]));
  const found = new Map<string, RosterFile[]>();
  for (const { record, logged } of commits) {
    if (record === null) continue;
    const paths = new Set([...logged.paths, ...record.files.map(({ path }) => path)]);
    const list = [...paths].map((path) => ({ path, classes: classesOf.get(path) ?? [] }));
    found.set(record.txn, [...(found.get(record.txn) ?? []), ...list]);
  }
  return found;
}

/** A person, and the agent commits they answer for. */
interface Answering {
  fact: SponsorFact;
  readonly txns: Set<string>;
}

/**
 * Who answers for the agents' commits: by what the records name, and by what people signed since. A signature of the same person
 * makes a name sure; another person's takes the place of a service's, and stands beside another person's.
 */
function sponsorsOf(
  { roster, commits, files }: PeopleAsked,
  { sponsorships }: JudgedWords,
  isAuthor: ReadonlySet<string>,
): { sponsors: readonly SponsorFact[]; missing: number } {
  const answering = new Map<string, Answering>();
  const agents = commits.filter((commit) => commit.isAgent);
  const add = (person: Person, source: string, verified: boolean, txns: readonly string[]): void => {
    const who = whoIs(roster, person);
    const known = answering.get(who.id);
    if (known !== undefined) for (const txn of txns) known.txns.add(txn);
    if (known !== undefined && !(verified && !known.fact.verified)) return;
    const fact = {
      name: who.name,
      email: who.id,
      source,
      verified,
      is_person: who.isHuman,
      is_author: isAuthor.has(who.id),
      may_sponsor: who.person !== null && notTheirs(who.person, files).length === 0,
    };
    answering.set(who.id, { fact, txns: new Set([...(known?.txns ?? []), ...txns]) });
  };
  for (const { record } of agents)
    if (record?.sponsor) add(record.sponsor, record.sponsor.source, false, [record.txn]);
  for (const one of sponsorships)
    if (one.holds && one.notTheirs.length === 0)
      add({ name: one.who.name, email: one.who.email }, one.source, one.assurance !== 'asserted', one.txns);
  const people = [...answering.values()].filter(({ fact }) => fact.is_person);
  const answered = new Set(people.flatMap(({ txns }) => [...txns]));
  const signed = new Set(people.filter(({ fact }) => fact.verified).flatMap(({ txns }) => [...txns]));
  return {
    // A service that is named beside a person who signed for the same work answers for nothing.
    sponsors: [...answering.values()]
      .filter(({ fact, txns }) => fact.is_person || ![...txns].every((txn) => signed.has(txn)))
      .map(({ fact }) => fact),
    missing: agents.filter(({ record }) => record === null || !answered.has(record.txn)).length,
  };
}

function approvalFact(one: JudgedApproval, { roster, codeOwners, files }: PeopleAsked): ApprovalFact {
  const owns = (owner: string): boolean => isOwner(roster, codeOwners, owner, one.who);
  return {
    by: one.who.id,
    name: one.who.name,
    source: one.source,
    verified: one.assurance !== 'asserted',
    is_person: one.who.isHuman,
    is_author: one.isAuthor,
    is_sponsor: one.isSponsor,
    owner: files.some(({ path }) => ownershipOf(codeOwners, path).some(({ owners }) => owners.some(owns))),
    roles: one.roles,
    holds: one.holds,
  };
}
