import type { Person } from '../../core/person.ts';
import type { ApprovalRecord, ChangeSubject } from '../../core/records/record.ts';
import type { Told } from '../../ledger/told/told.ts';
import {
  type ChangedFile,
  type KnownAs,
  notTheirs,
  type Role,
  type Roster,
  whoIs,
} from '../roster/roster.ts';
import type { JudgedAt } from '../signatures/judge.ts';
import { type ChangeNow, changedSince } from './holds.ts';
import { type Assurance, type Voice, voiceOf } from './voice.ts';
import { lastWithdrawals, withdrawalOf } from './withdrawn.ts';

/** What approvals and sponsorships are judged by. */
export interface ApprovalsContext extends JudgedAt {
  /** Of the target's tip. */
  readonly roster: Roster;
  readonly change: ChangeNow;
  /** Everybody who wrote something of it: authors, co-authors and committers. */
  readonly authors: readonly Person[];
  /** Those its records name as answering for it. */
  readonly sponsors: readonly Person[];
  /** Ids of its commits. */
  readonly commits: ReadonlySet<string>;
  /** Files of each transaction in it, by id. What no transaction has is nobody's to sponsor. */
  readonly files: ReadonlyMap<string, readonly ChangedFile[]>;
}

/** Somebody's word about a change, judged now. */
interface JudgedWord {
  readonly id: string;
  readonly digest: string;
  /** The object on whose note it stands. */
  readonly object: string;
  readonly who: KnownAs;
  readonly assurance: Assurance;
  readonly key: string | null;
  readonly present: boolean;
  readonly roles: readonly Role[];
  /** They wrote or committed something of the change, by any of their addresses. */
  readonly isAuthor: boolean;
  /** It means this change, as it is now, and was not taken back. */
  readonly holds: boolean;
  /** All that speaks against it: why it does not hold, and why its signatures count for nothing. */
  readonly why: readonly string[];
  /** Id of the withdrawal; null when it stands. */
  readonly withdrawnBy: string | null;
  readonly note: string | null;
  readonly at: string;
  /** The format it was imported as, or `signature`, or `word` where it is asserted and no more. */
  readonly source: string;
}

export interface JudgedApproval extends JudgedWord {
  readonly kind: 'approval';
  readonly isSponsor: boolean;
}

export interface JudgedSponsorship extends JudgedWord {
  readonly kind: 'sponsorship';
  /** Transactions of the change it is for. */
  readonly txns: readonly string[];
  /** Paths of these the roster does not let them sponsor; all of them for somebody it does not know. */
  readonly notTheirs: readonly string[];
  /** The change is what it was when they said so. */
  readonly isUnchanged: boolean;
}

export interface JudgedWords {
  readonly approvals: readonly JudgedApproval[];
  readonly sponsorships: readonly JudgedSponsorship[];
}

/** Judges all that people have said of a change, as it is now. What is not about it is there too, and says why it does not hold. */
export function judgeApprovals(
  told: readonly Told<ApprovalRecord>[],
  context: ApprovalsContext,
): JudgedWords {
  const { roster, authors, now, anchored } = context;
  const voices = told.map((one) => voiceOf(one, roster, { now, anchored }));
  const wrote = idsOf(roster, authors);
  const of = (kind: ApprovalRecord['kind']): Voice[] => voices.filter((one) => kindOf(one) === kind);
  const withdrawals = lastWithdrawals(of('withdrawal'), now);
  const word = (voice: Voice, against: readonly string[]): JudgedWord =>
    judgeWord(voice, { against, wrote, withdrawnBy: withdrawalOf(voice, withdrawals) });
  const sponsorships = of('sponsorship').map((one) => judgeSponsorship(one, context, word));
  const answering = idsOf(roster, context.sponsors);
  for (const { holds, who } of sponsorships) if (holds) answering.add(who.id);
  const approvals = of('approval').map((one) => ({
    ...word(one, changedSince(one.told.stored.record, context.change)),
    kind: 'approval' as const,
    isSponsor: answering.has(one.who.id),
  }));
  return { approvals, sponsorships };
}

/** People whose approval counts as a second person's: sure, of this change, and not by somebody who wrote it. Each once. */
export function approversOf({ approvals }: Pick<JudgedWords, 'approvals'>): KnownAs[] {
  const counting = approvals.filter(
    ({ holds, isAuthor, assurance }) => holds && !isAuthor && assurance !== 'asserted',
  );
  return [...new Map(counting.map(({ who }) => [who.id, who])).values()];
}

function judgeSponsorship(
  voice: Voice,
  { change, commits, files }: ApprovalsContext,
  word: (voice: Voice, against: readonly string[]) => JudgedWord,
): JudgedSponsorship {
  const { record } = voice.told.stored;
  const txns = record.txns.filter((txn) => files.has(txn));
  const sponsored = txns.flatMap((txn) => files.get(txn) ?? []);
  const { person } = voice.who;
  const elsewhere = txns.length === 0 ? ['it is for no transaction of this change'] : [];
  const isUnchanged = changedSince(record, change).length === 0;
  // An id of a transaction can be copied into any record: what was sponsored has to be in the change itself.
  const isIn = isUnchanged || commits.has(record.subject.head);
  const apart = isIn ? [] : ['what was sponsored is no part of this change'];
  return {
    ...word(voice, [...elsewhere, ...apart, ...otherSubject(record.subject, change.subject)]),
    kind: 'sponsorship',
    txns,
    notTheirs: person === null ? sponsored.map(({ path }) => path) : notTheirs(person, sponsored),
    isUnchanged,
  };
}

/** A person answers for work on its way to one branch, in one merge request if they named it, whatever the work has become since. */
function otherSubject(then: ChangeSubject, now: ChangeSubject): string[] {
  return [
    ...(then.target === now.target ? [] : ['it was said of another target']),
    ...(then.mr === undefined || now.mr === undefined || then.mr === now.mr
      ? []
      : ['it was said of another merge request']),
  ];
}

function judgeWord(
  { told, who, assurance, key, present, unsure }: Voice,
  {
    against,
    wrote,
    withdrawnBy,
  }: { against: readonly string[]; wrote: ReadonlySet<string>; withdrawnBy: string | null },
): JudgedWord {
  const { record, digest } = told.stored;
  const problems = [
    ...(who.isHuman ? [] : ['an agent, a bot or a service answers for nothing']),
    ...(withdrawnBy === null ? [] : ['it was taken back']),
    ...(told.object === record.subject.head ? [] : ['it was moved to the note of another commit']),
    ...against,
  ];
  return {
    id: record.id,
    digest,
    object: told.object,
    who,
    assurance,
    key,
    present,
    roles: who.person?.roles ?? [],
    isAuthor: wrote.has(who.id),
    holds: problems.length === 0,
    why: [...problems, ...unsure],
    withdrawnBy,
    note: record.note,
    at: record.recordedAt,
    source: record.imported?.format ?? (assurance === 'attested' ? 'signature' : 'word'),
  };
}

function idsOf(roster: Roster, people: readonly Person[]): Set<string> {
  return new Set(people.map((person) => whoIs(roster, person).id));
}

function kindOf({ told }: Voice): ApprovalRecord['kind'] {
  return told.stored.record.kind;
}
