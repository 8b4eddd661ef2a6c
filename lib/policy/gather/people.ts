import type { Person } from '../../core/person.ts';
import type { ApprovalRecord, ChangeSubject } from '../../core/records/record.ts';
import { sharesOf } from '../../identity/approvals/change-work.ts';
import { handsIn, personIn } from '../../identity/approvals/hands.ts';
import type { ChangeNow } from '../../identity/approvals/holds.ts';
import {
  approversOf,
  type JudgedApproval,
  type JudgedWords,
  judgeApprovals,
} from '../../identity/approvals/judge.ts';
import type { CodeOwners } from '../../identity/owners/code-owners.ts';
import { ownershipOf } from '../../identity/owners/code-owners.ts';
import { isOwner, ownerApprovals } from '../../identity/owners/owner-approval.ts';
import {
  notTheirs,
  type Roster,
  type ChangedFile as RosterFile,
  whoIs,
} from '../../identity/roster/roster.ts';
import type { JudgedAt } from '../../identity/signatures/judge.ts';
import type { Told } from '../../ledger/told/told.ts';
import type { ApprovalFact, ChangedFile, OwnerApproval, SponsorFact } from '../facts.ts';
import type { RangeCommit } from './range-commits.ts';

/** Who had a part in a change, and who said what of it. */
export interface PeopleAsked {
  readonly subject: ChangeSubject;
  /** Digest of the policy file at the target. */
  readonly policy: string;
  readonly merge: ChangeNow['merge'];
  readonly landedSince: NonNullable<ChangeNow['landedSince']>;
  readonly roster: Roster;
  readonly codeOwners: CodeOwners;
  readonly commits: readonly RangeCommit[];
  readonly files: readonly ChangedFile[];
  readonly told: readonly Told<ApprovalRecord>[];
  /** What their signatures are judged by. */
  readonly at: JudgedAt;
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
    change: {
      subject: asked.subject,
      policy: asked.policy,
      merge: asked.merge,
      landedSince: asked.landedSince,
    },
    authors: wrote,
    sponsors: commits.flatMap(({ records }) => records.flatMap(({ record }) => record.sponsor ?? [])),
    commits: new Set(commits.map(({ oid }) => oid)),
    files: filesByTxn(commits, files),
    ...asked.at,
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
  for (const { records, logged } of commits)
    for (const { record, paths } of sharesOf(records, logged.paths)) {
      const { txn } = record.record;
      const list = [...paths].map((path) => ({ path, classes: classesOf.get(path) ?? [] }));
      found.set(txn, [...(found.get(txn) ?? []), ...list]);
    }
  return found;
}

/** A person, where their name came from, and the transactions they answer for. */
interface Answering {
  readonly person: Person;
  source: string;
  readonly named: Set<string>;
  readonly signed: Set<string>;
}

/**
 * Who answers for the agents' commits: by what the records name, and by what people signed since. A name is sure once the person
 * has signed for each transaction that names them: a signature for one says nothing of another. A service that is named beside
 * a person who signed for the same work answers for nothing.
 */
function sponsorsOf(
  { roster, commits, files }: PeopleAsked,
  { sponsorships }: JudgedWords,
  isAuthor: ReadonlySet<string>,
): { sponsors: readonly SponsorFact[]; missing: number } {
  const agents = commits.filter((commit) => commit.isAgent);
  const answering = answeringFor(roster, agents, sponsorships);
  const isPerson = ({ person }: Answering): boolean => whoIs(roster, person).isHuman;
  const people = [...answering.values()].filter(isPerson);
  const answered = new Set(people.flatMap(({ named }) => [...named]));
  const signed = new Set(people.flatMap((one) => [...one.signed]));
  return {
    sponsors: [...answering.values()]
      .filter((one) => isPerson(one) || ![...one.named].every((txn) => signed.has(txn)))
      .map((one) => {
        const who = whoIs(roster, one.person);
        return {
          name: who.name,
          email: who.id,
          source: one.source,
          verified: [...one.named].every((txn) => one.signed.has(txn)),
          is_person: who.isHuman,
          is_author: isAuthor.has(who.id),
          may_sponsor: who.person !== null && notTheirs(who.person, files).length === 0,
        };
      }),
    missing: agents.filter(
      ({ records }) => records.length === 0 || records.some(({ record }) => !answered.has(record.txn)),
    ).length,
  };
}

function answeringFor(
  roster: Roster,
  agents: readonly RangeCommit[],
  sponsorships: JudgedWords['sponsorships'],
): Map<string, Answering> {
  const answering = new Map<string, Answering>();
  const of = (person: Person, source: string): Answering => {
    const { id } = whoIs(roster, person);
    const known = answering.get(id) ?? {
      person,
      source,
      named: new Set<string>(),
      signed: new Set<string>(),
    };
    answering.set(id, known);
    return known;
  };
  for (const { record } of agents.flatMap(({ records }) => records))
    if (record.sponsor) of(record.sponsor, record.sponsor.source).named.add(record.txn);
  for (const { holds, notTheirs: others, who, source, assurance, txns } of sponsorships) {
    if (!holds || others.length > 0) continue;
    const one = of({ name: who.name, email: who.email }, source);
    for (const txn of txns) {
      one.named.add(txn);
      if (assurance !== 'asserted') one.signed.add(txn);
    }
    if (assurance !== 'asserted') one.source = source;
  }
  return answering;
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
