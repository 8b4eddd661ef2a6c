import { foldExceptions } from '../../core/events/exceptions.ts';
import { attestedIn, trustIn } from '../../core/events/trust.ts';
import { activeWaivers, type Waiver } from '../../core/events/waivers.ts';
import type { Person } from '../../core/person.ts';
import type { ApprovalRecord, ChangeSubject, DecisionRecord } from '../../core/records/record.ts';
import { firstCommit } from '../../git/history/first-commit.ts';
import { type JudgedDecision, judgeDecisions } from '../../identity/decisions.ts';
import { knownPeople } from '../../identity/roster/known-people.ts';
import type { Roster } from '../../identity/roster/roster.ts';
import type { JudgedAt } from '../../identity/signatures/judge.ts';
import { judgedAt } from '../../identity/signatures/judged-at.ts';
import { trustOfSteps } from '../../identity/vouched.ts';
import { type Ledger, readNote } from '../../ledger/ledger.ts';
import { readRegroups } from '../../ledger/told/regroups.ts';
import { hasTold, readTold, type Told, toldOn } from '../../ledger/told/told.ts';
import type { ExceptionFact } from '../facts.ts';

/** What the ledger tells of a change. */
export interface ToldOfChange {
  readonly approvals: readonly Told<ApprovalRecord>[];
  /** Of its head, as far as they are to be believed; oldest first. */
  readonly decisions: readonly JudgedDecision[];
  /** Digest of the last decision on the head's note. */
  readonly lastDecision: string | null;
  readonly waivers: readonly Waiver[];
  readonly exceptions: readonly ExceptionFact[];
  /** What its signatures are judged by; null where nothing was told. */
  readonly at: JudgedAt | null;
}

const NOTHING: ToldOfChange = {
  approvals: [],
  decisions: [],
  lastDecision: null,
  waivers: [],
  exceptions: [],
  at: null,
};

interface TellingFor {
  readonly roster: Roster;
  /** Everybody with a hand in the change: none of them permits a deviation of it. */
  readonly authors: readonly Person[];
  readonly now: number;
}

/** Reads what was told of a change: of its head, and of the transactions in it. */
export async function toldOfChange(
  ledger: Ledger,
  subject: ChangeSubject,
  txns: readonly string[],
  { roster, authors, now }: TellingFor,
): Promise<ToldOfChange> {
  if (!(await hasTold(ledger))) return NOTHING;
  const note = await readNote(ledger, subject.head);
  const decisions: Told<DecisionRecord>[] = toldOn(note, 'decision');
  const approvals = [toldOn(note, 'approval')];
  for (const txn of txns) approvals.push(await readTold(ledger, 'approval', txn));
  // What was taken back is told beside it, whatever the transaction is called there.
  for (const object of new Set(approvals.flat().map((told) => told.object)))
    if (object !== subject.head) approvals.push(toldOn(await readNote(ledger, object), 'approval'));
  const events = await readTold(ledger, 'event');
  const isWaived = events.some((told) => told.stored.record.event === 'waiver.approved');
  const root = isWaived ? await firstCommit(ledger.repo, subject.targetCommit ?? subject.head) : null;
  const at = await judgedAt(ledger, roster, [...approvals.flat(), ...decisions, ...events], now);
  const trust = trustOfSteps(events, roster, at);
  // By whichever of its names a gap was told: nobody may hide one by joining.
  const { namesOf } = await readRegroups(ledger);
  const names = new Set(txns.flatMap(namesOf));
  const judging = { now, people: knownPeople(roster), trustOf: trustIn(trust) };
  const stored = events.map((told) => told.stored);
  return {
    approvals: [...new Map(approvals.flat().map((told) => [told.stored.digest, told])).values()],
    decisions: judgeDecisions(decisions, roster, at),
    at,
    lastDecision: decisions.at(-1)?.stored.digest ?? null,
    waivers: activeWaivers(stored, { ...judging, authors, vouched: attestedIn(trust), root }),
    exceptions: [...foldExceptions(stored, judging).things.values()]
      .filter(({ txn, mr }) => (txn !== null && names.has(txn)) || (mr !== null && mr === subject.mr))
      .map(({ type, state, trust: told }) => ({ type, state, trust: told })),
  };
}
