import { AgentLogError } from '../../core/errors.ts';
import type { Person } from '../../core/person.ts';
import type { ApprovalRecord, ChangeSubject } from '../../core/records/record.ts';
import { mergeState } from '../../git/merges/merge-state.ts';
import { type Ledger, readNote } from '../../ledger/ledger.ts';
import { type ChangeNamed, changeSubject } from '../../ledger/told/change-subject.ts';
import { policyDigest } from '../../ledger/told/policy-digest.ts';
import { readRegroups } from '../../ledger/told/regroups.ts';
import { readTold, type Told, toldOn } from '../../ledger/told/told.ts';
import { emptyRoster } from '../roster/parse.ts';
import { readRoster } from '../roster/read.ts';
import { type Roster, whoIs } from '../roster/roster.ts';
import { judgedAt } from '../signatures/judged-at.ts';
import { changeWork } from './change-work.ts';
import { type ApprovalsContext, type JudgedWords, judgeApprovals } from './judge.ts';
import { landedSince, seenBy } from './landed.ts';
import { type Speaker, sayOfChange } from './say.ts';

/** What a person wants to say. */
export interface SpeakRequest {
  readonly kind: 'approval' | 'sponsorship';
  readonly named: ChangeNamed;
  /** The transaction that is meant; null for all there are in the change. */
  readonly txn: string | null;
  /** Takes back what they said before instead. */
  readonly withdraw: boolean;
  readonly note: string | null;
}

/** What was said, and what a reader makes of it. */
export interface Spoken {
  readonly told: Told<ApprovalRecord>;
  /** False when it had been said before, as firmly: nothing was added. */
  readonly isNew: boolean;
  readonly words: JudgedWords;
  readonly roster: Roster;
  /** Why the roster at the target can't be used; null when it can. */
  readonly rosterProblem: AgentLogError | null;
  readonly commits: number;
  /** People whom records of the change name as answering for it, and who have not signed. */
  readonly unsigned: readonly Person[];
}

/**
 * Says something of a change in a person's name. What they have said already, as firmly as they could now, is not said again.
 * Throws NOT_A_PERSON, NOT_FOUND where there is nothing to say it of, NOT_SIGNED and NOT_APPENDED, with nothing written.
 */
export async function speakOfChange(
  ledger: Ledger,
  request: SpeakRequest,
  speaker: Speaker,
): Promise<Spoken> {
  const { kind, txn, withdraw, note } = request;
  const subject = await changeSubject(ledger, request.named);
  if (kind === 'approval' && subject.patchId === null && !withdraw) throw nothingNew(subject);
  const [work, { roster, problem }] = await Promise.all([
    changeWork(ledger, subject),
    rosterFor(ledger, subject),
  ]);
  const who = whoIs(roster, speaker.by);
  if (!who.isHuman) throw notAPerson(`${speaker.by.email} is the address of an agent, a bot or a service`);
  // What has landed is in no range any more, and can be answered for all the same.
  const files = txn === null || work.files.has(txn) ? work.files : new Map([...work.files, [txn, []]]);
  const earlier = (await toldOf(ledger, subject, txn)).filter(
    ({ stored: { record } }) => whoIs(roster, record.by).id === who.id,
  );
  const change = await changeNow(ledger, subject, work.records, earlier);
  const context: ApprovalsContext = {
    roster,
    change,
    ...work,
    commits: new Set([subject.head]),
    files,
    ...(await judgedAt(ledger, roster, earlier, speaker.now)),
  };
  const before = judgeApprovals(earlier, context);
  if (withdraw && !anyStands(before)) throw nothingSaid();
  const bound = request.named.mr === undefined ? earlier : earlier.filter(isOfRequest(subject));
  const standing = withdraw ? undefined : standingWord(bound, before, kind, speaker);
  // A pipeline goes by what records say, whatever is told of them later: so each name a transaction ever had is said.
  const txns = txn === null ? [...work.files.keys()] : (await readRegroups(ledger)).namesOf(txn);
  const saying = {
    kind: withdraw ? 'withdrawal' : kind,
    subject,
    policy: change.policy,
    txns,
    note,
  } as const;
  const told = standing ?? (await sayOfChange(ledger, saying, speaker));
  const words = judgeApprovals([...earlier.filter((one) => one !== told), told], context);
  return {
    told,
    isNew: standing === undefined,
    words,
    roster,
    rosterProblem: problem,
    commits: work.commits,
    unsigned: await unsignedOf(ledger, context, speaker.now),
  };
}

/** By all that anybody has said of the change by now. */
async function unsignedOf(ledger: Ledger, context: ApprovalsContext, now: number): Promise<Person[]> {
  const { roster, files, sponsors, change } = context;
  const said = await Promise.all([...files.keys(), null].map((txn) => toldOf(ledger, change.subject, txn)));
  const told = [...new Map(said.flat().map((one) => [one.stored.digest, one])).values()];
  const { sponsorships } = judgeApprovals(told, {
    ...context,
    ...(await judgedAt(ledger, roster, told, now)),
  });
  const sure = sponsorships.filter(({ holds, assurance }) => holds && assurance !== 'asserted');
  const signed = new Set(sure.map(({ who }) => who.id));
  const named = new Map(sponsors.map((person) => [whoIs(roster, person).id, person]));
  return [...named]
    .filter(([id, one]) => !signed.has(id) && whoIs(roster, one).isHuman)
    .map(([, one]) => one);
}

/** Refuses somebody who is nobody. */
export function notAPerson(why: string): AgentLogError {
  return new AgentLogError('NOT_A_PERSON', 'answer', why, {
    hints: ['A person says it in a terminal of their own, as themselves; nothing was written.'],
  });
}

/** A roster that can't be used keeps nobody from speaking: it may be what the change mends. */
async function rosterFor(
  { reader }: Ledger,
  { targetCommit, head }: ChangeSubject,
): Promise<{ roster: Roster; problem: AgentLogError | null }> {
  const commit = targetCommit ?? head;
  try {
    return { roster: await readRoster(reader, commit), problem: null };
  } catch (error) {
    if (!(error instanceof AgentLogError) || error.code !== 'BAD_ROSTER') throw error;
    return { roster: emptyRoster(commit), problem: error };
  }
}

async function changeNow(
  ledger: Ledger,
  subject: ChangeSubject,
  records: readonly string[],
  earlier: readonly Told<ApprovalRecord>[],
): Promise<ApprovalsContext['change']> {
  const [policy, merge, landed] = await Promise.all([
    policyDigest(ledger.reader, subject.targetCommit ?? subject.head),
    mergeState(ledger, subject),
    landedSince(ledger, subject, records, [subject.targetCommit, ...seenBy(earlier)]),
  ]);
  return { subject, policy, merge, landedSince: landed };
}

async function toldOf(
  ledger: Ledger,
  { head }: ChangeSubject,
  txn: string | null,
): Promise<Told<ApprovalRecord>[]> {
  const here = toldOn(await readNote(ledger, head), 'approval');
  const elsewhere = txn === null ? [] : await readTold(ledger, 'approval', txn);
  return [...new Map([...here, ...elsewhere].map((told) => [told.stored.digest, told])).values()];
}

function anyStands({ approvals, sponsorships }: JudgedWords): boolean {
  return [...approvals, ...sponsorships].some(({ withdrawnBy }) => withdrawnBy === null);
}

/** What was said of no merge request binds nothing to the one that is named now. */
function isOfRequest({ mr }: ChangeSubject): (told: Told<ApprovalRecord>) => boolean {
  return ({ stored: { record } }) => record.subject.mr === mr;
}

/** What they have said already, as firmly as they could now. */
function standingWord(
  earlier: readonly Told<ApprovalRecord>[],
  { approvals, sponsorships }: JudgedWords,
  kind: SpeakRequest['kind'],
  { sign, imported }: Speaker,
): Told<ApprovalRecord> | undefined {
  const words = kind === 'approval' ? approvals : sponsorships.filter(({ isUnchanged }) => isUnchanged);
  const firmest = imported === undefined ? 'attested' : 'imported';
  const digests = words
    .filter(({ holds, assurance }) => holds && (sign === null || assurance === firmest))
    .map(({ digest }) => digest);
  return earlier.find(({ stored }) => digests.includes(stored.digest));
}

function nothingNew({ head, target }: ChangeSubject): AgentLogError {
  const where = target?.replace('refs/heads/', '') ?? 'the target';
  const problem = `${where} has all of ${head.slice(0, 12)}: there is nothing to approve`;
  return new AgentLogError('NOT_FOUND', 'answer', problem, {
    hints: ['Name what is new as a range, a..b, or the branch it goes to: --target NAME.'],
  });
}

function nothingSaid(): AgentLogError {
  const problem = 'you have said nothing of this change that could be taken back';
  return new AgentLogError('NOT_FOUND', 'answer', problem, {
    hints: ['What was said stands on the note of one commit: name that commit, as the same person.'],
  });
}
