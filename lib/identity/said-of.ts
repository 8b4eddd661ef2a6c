import { AgentLogError, type ErrorCode } from '../core/errors.ts';
import { closingOf, type Exception } from '../core/events/exceptions.ts';
import type { StepTrust } from '../core/events/trust.ts';
import type { ShowDocument } from '../core/generated/show-v1.types.ts';
import type { Person } from '../core/person.ts';
import type { ApprovalRecord, DecisionRecord, EventRecord } from '../core/records/record.ts';
import { readCommit } from '../git/objects/objects.ts';
import { type Ledger, readNote } from '../ledger/ledger.ts';
import type { Erasure } from '../ledger/payloads/erased.ts';
import { type ChangeTarget, changeTarget } from '../ledger/told/change-target.ts';
import { exceptionsOf } from '../ledger/told/exceptions.ts';
import { readTold, type Told, toldOn } from '../ledger/told/told.ts';
import { isAnsweredFor } from './answered.ts';
import { handsInCommit } from './approvals/hands.ts';
import { voiceOf } from './approvals/voice.ts';
import { judgeDecisions } from './decisions.ts';
import { type ErasureTrust, erasureTrust } from './erasers.ts';
import { knownPeople } from './roster/known-people.ts';
import { emptyRoster } from './roster/parse.ts';
import { readRoster } from './roster/read.ts';
import { type Roster, whoIs } from './roster/roster.ts';
import type { JudgedAt } from './signatures/judge.ts';
import { judgedAt } from './signatures/judged-at.ts';
import { trustOfSteps } from './vouched.ts';

/** What is told of a commit and its transaction: decisions, approvals and exceptions, as far as they are to be believed. */
export type SaidOf = Pick<ShowDocument, 'decisions' | 'approvals' | 'exceptions'> & {
  /** The person the commit's record names has signed that they answer for it. */
  readonly isAnsweredFor: boolean;
  /** What the tombstone of its texts is worth; null where they were not erased. */
  readonly erasure: ErasureTrust | null;
};

/** A commit, with the transaction and the sponsor its record names, and the tombstone of its texts. */
export interface SaidAbout {
  readonly commit: string;
  readonly txn: string | null;
  readonly sponsor: Person | null;
  readonly erasure: Erasure | null;
}

const MOST = 500;

/** Reads them, and judges them by the people and keys at the default target as it is now. */
export async function saidOf(ledger: Ledger, about: SaidAbout, now: number): Promise<SaidOf> {
  return saidBy(ledger, about, now, await judgesOf(ledger));
}

/** The same, by people and keys that were read before. */
export async function saidBy(
  ledger: Ledger,
  { commit, txn, sponsor, erasure }: SaidAbout,
  now: number,
  { roster, target: of }: Judges,
): Promise<SaidOf> {
  const target = of?.ref ?? null;
  const note = await readNote(ledger, commit);
  const decisions: Told<DecisionRecord>[] = toldOn(note, 'decision');
  const approvals: Told<ApprovalRecord>[] = toldOn(note, 'approval');
  if (txn !== null) {
    decisions.push(...(await readTold(ledger, 'decision', txn)));
    approvals.push(...(await readTold(ledger, 'approval', txn)));
  }
  const at = await judgedAt(ledger, roster, [...decisions, ...approvals], now);
  const vouch = async (steps: readonly Told<EventRecord>[]): Promise<ReadonlyMap<string, StepTrust>> =>
    trustOfSteps(steps, roster, await judgedAt(ledger, roster, steps, now));
  const answering = txn === null || sponsor === null ? null : { commit, txn, sponsor };
  return {
    isAnsweredFor:
      answering !== null && (await isAnsweredFor(ledger, answering, once(approvals), roster, at)),
    erasure: erasure === null ? null : await erasureTrust(ledger, erasure, roster, now),
    decisions: judgeDecisions(once(decisions), roster, at)
      .slice(-MOST)
      .map((one) => shownDecision(one, target)),
    approvals: await Promise.all(
      once(approvals)
        .slice(-MOST)
        .map((told) => shownApproval(ledger, commit, told, roster, at)),
    ),
    exceptions: (await exceptionsOf(ledger, { commit, txn }, { now, people: knownPeople(roster), vouch }))
      .slice(-MOST)
      .map(shownException),
  };
}

function shownException(one: Exception): ShowDocument['exceptions'][number] {
  const { fingerprint, type, severity, state, trust, rule, openedAt, due, owner } = one;
  return {
    id: fingerprint,
    type,
    severity,
    state,
    trust,
    rule,
    openedAt: new Date(openedAt).toISOString(),
    due: due === null ? null : new Date(due).toISOString(),
    owner: owner === null ? null : { name: owner.name, email: owner.email },
    resolution: closingOf(one)?.resolution ?? null,
  };
}

/** The people and keys by which things are judged, and the branch that names them. */
export interface Judges {
  readonly roster: Roster;
  /** Null where no branch is the one changes go to. */
  readonly target: ChangeTarget | null;
  /** Why its people can't be read; null where they can. */
  readonly problem: string | null;
}

/** Those of the default target. Nobody is known where there is none, or its file can't be read: then nobody's key counts. */
export async function judgesOf(ledger: Ledger): Promise<Judges> {
  const target = await unless('NOT_FOUND', changeTarget(ledger));
  if (target instanceof AgentLogError) return { roster: emptyRoster(''), target: null, problem: null };
  const roster = await unless('BAD_ROSTER', readRoster(ledger.reader, target.commit));
  return roster instanceof AgentLogError
    ? { roster: emptyRoster(''), target, problem: roster.message }
    : { roster, target, problem: null };
}

/** The answer, or the error of a kind that is an answer, too. */
async function unless<T>(code: ErrorCode, asked: Promise<T>): Promise<T | AgentLogError> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof AgentLogError && error.code === code) return error;
    throw error;
  }
}

async function hadHandIn(
  { reader }: Ledger,
  commits: readonly string[],
  roster: Roster,
  id: string,
): Promise<boolean> {
  const read = await Promise.all([...new Set(commits)].map((oid) => readCommit(reader, oid)));
  const hands = read.flatMap((one) => (one === null ? [] : handsInCommit(one)));
  return hands.some((person) => whoIs(roster, person).id === id);
}

function once<T extends ApprovalRecord | DecisionRecord>(told: readonly Told<T>[]): Told<T>[] {
  const unique = new Map(told.map((one) => [one.stored.digest, one]));
  return [...unique.values()].sort((a, b) => (a.stored.record.id < b.stored.record.id ? -1 : 1));
}

/** By the policy of another branch anybody may have written, whatever signed it: that is no decision of the target's. */
function shownDecision(
  { told, basis }: ReturnType<typeof judgeDecisions>[number],
  target: string | null,
): ShowDocument['decisions'][number] {
  const { stage, rule, result, severity, enforce, policy, subject, waiver, recordedAt } = told.stored.record;
  return {
    stage,
    rule,
    result,
    severity,
    enforce,
    basis: subject.target === target ? basis : 'asserted',
    target: subject.target,
    policyDigest: policy?.digest ?? null,
    head: subject.head,
    mr: subject.mr ?? null,
    waiver: waiver ?? null,
    at: recordedAt,
  };
}

async function shownApproval(
  ledger: Ledger,
  commit: string,
  told: Told<ApprovalRecord>,
  roster: Roster,
  at: JudgedAt,
): Promise<ShowDocument['approvals'][number]> {
  const { kind, subject, note, imported, recordedAt } = told.stored.record;
  const { who, assurance, present } = voiceOf(told, roster, at);
  return {
    kind,
    by: { name: who.name, email: who.email },
    basis: assurance,
    present,
    isAuthor: await hadHandIn(ledger, [commit, subject.head], roster, who.id),
    source: imported?.format ?? (assurance === 'attested' ? 'signature' : 'word'),
    head: subject.head,
    mr: subject.mr ?? null,
    note,
    at: recordedAt,
  };
}
