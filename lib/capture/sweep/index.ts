import type { BindingRecord } from '../../core/generated/binding-v1.types.ts';
import { shortOid } from '../../core/oid.ts';
import {
  type ExecutionRecord,
  encodeRecord,
  isExecution,
  isReadable,
  parseLine,
  type StoredRecord,
} from '../../core/records/record.ts';
import { branchOf } from '../../git/refs/branch-of.ts';
import { committerLine } from '../../identity/committer.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { appendToNotes } from '../../ledger/notes/append.ts';
import { withLock } from '../../ledger/notes/lock.ts';
import { levelOf } from '../../ledger/payloads/level.ts';
import type { BindOptions } from '../commit/bind.ts';
import { bindingRecord } from '../commit/binding-record.ts';
import { queueRecords } from '../payloads/queue.ts';
import { type Place, placeOf } from '../place.ts';
import { addGap, type SessionState } from '../session/session.ts';
import { recentSessions, saveSession } from '../session/session-store.ts';
import { saveTxn, type TxnState } from '../transaction/transaction.ts';
import { leaveSigns } from './after.ts';
import type { Claim, SessionCall, Unclear } from './claims.ts';
import { findElsewhere } from './find-elsewhere.ts';
import { committedAt, type HeadReport, type HeadsNow, lookAtHead, wasOver } from './heads.ts';
import { changesOf, type LateCommit, recordLate } from './late.ts';
import { loadSweepState, type PersonMark, type SweepState, saveSweepState } from './state.ts';

/** What one sweep found. */
export interface Swept {
  /** Commits that have a record now, in the order they were made. */
  readonly recorded: readonly string[];
  /** Commits that may be an agent's, and why nobody can say. */
  readonly unclear: readonly Unclear[];
}

const LOCK_PATIENCE_MS = 5000;
const LOOKED_AT_MS = 14 * 24 * 60 * 60 * 1000;
const NOTHING: Swept = { recorded: [], unclear: [] };

/**
 * Finds agents' commits for which no hook of ours ran (`core.hooksPath=`, plumbing, another git client), and work of an
 * agent that somebody else committed, and records them: late, and not sealed. Call it after the spool was taken in and
 * what waits was bound. Does nothing when another process holds the lock for long: it is sweeping.
 */
export function sweep(ledger: Ledger, heads: HeadsNow, options: BindOptions): Promise<Swept> {
  const place = placeOf(ledger.repo);
  return withLock(
    place.lock,
    LOCK_PATIENCE_MS,
    () => sweepAlone(ledger, place, heads, options),
    () => Promise.resolve(NOTHING),
  );
}

async function sweepAlone(
  ledger: Ledger,
  place: Place,
  heads: HeadsNow,
  options: BindOptions,
): Promise<Swept> {
  const [sessions, before] = await Promise.all([
    recentSessions(place, options.now - LOOKED_AT_MS),
    loadSweepState(place, options.now),
  ]);
  // Another sweep looked at more than this one could, and its anchors are ahead.
  if (heads.readAt <= before.readAt) return NOTHING;
  const reports = await lookAtHeads(ledger, heads, sessions, before);
  const found = [...reports.values()];
  const late = [
    ...(await Promise.all(found.map((report) => claimedCommits(ledger, sessions, report)))).flat(),
    ...(await findElsewhere(ledger, place, heads, sessions, found, before.marks)),
  ].sort(byAge(found));
  const unclear = found.flatMap((report) => report.unclear);
  const recorded = await recordAll(ledger, place, sessions, late, options);
  const owners = new Set(late.map(({ session }) => session));
  for (const session of sessions)
    if (closeCalls(session, heads, unclear) || owners.has(session.key)) await saveSession(place, session);
  await saveSweepState(place, stateAfter(before, heads, reports));
  await leaveSigns(place, looked(reports), sessions, options.now);
  return { recorded, unclear };
}

function looked(reports: ReadonlyMap<string, HeadReport>): string[] {
  return [...reports.values()].map(({ anchor }) => anchor.oid).filter((oid) => oid !== '');
}

async function lookAtHeads(
  ledger: Ledger,
  heads: HeadsNow,
  sessions: readonly SessionState[],
  before: SweepState,
): Promise<Map<string, HeadReport>> {
  const reports = new Map<string, HeadReport>();
  for (const top of heads.steps.keys()) {
    const calls = sessions.flatMap(({ key, shellCalls }) =>
      shellCalls.filter((call) => call.top === top).map((call): SessionCall => ({ session: key, call })),
    );
    const people = before.marks.filter((mark) => mark.top === top).map(({ head }) => head);
    reports.set(top, await lookAtHead(ledger, top, heads, calls, people, before.anchors.get(top)));
  }
  return reports;
}

async function claimedCommits(
  ledger: Ledger,
  sessions: readonly SessionState[],
  report: HeadReport,
): Promise<LateCommit[]> {
  const known = report.claims.flatMap((claim) => {
    const commit = report.commits.get(claim.commit);
    return commit === undefined || !sessions.some(({ key }) => key === claim.by.session)
      ? []
      : [{ claim, commit }];
  });
  const changes = await changesOf(
    ledger.repo,
    ledger.reader,
    known.map(({ commit }) => commit),
  );
  return known.map(({ claim, commit }, i) => ({
    commit,
    changes: changes[i] ?? [],
    amends: claim.amends,
    session: claim.by.session,
    at: claim.by.call.endedAt ?? Number.MAX_SAFE_INTEGER,
    branch: claim.by.call.after?.branch ?? null,
    evidence: evidenceOf(claim),
    gaps: [],
    top: claim.by.call.top,
    agentId: claim.by.call.agentId ?? null,
  }));
}

/** The call the commit was made in is over; what differed when it started still tells what it changed. */
function evidenceOf({ by: { call } }: Claim): LateCommit['evidence'] {
  if (call.files === null) return [];
  const running = {
    name: '',
    args: { digest: '', size: 0 },
    startedAt: new Date(call.startedAt).toISOString(),
    before: call.files,
  };
  return [{ writes: new Map(), open: new Map([[call.id, running]]) }];
}

interface LateRecord {
  readonly stored: StoredRecord<ExecutionRecord>;
  readonly binding: BindingRecord;
}

/** Records every late commit in one commit of the ledger; nothing is taken out of a session before it is written. */
async function recordAll(
  ledger: Ledger,
  place: Place,
  sessions: readonly SessionState[],
  late: readonly LateCommit[],
  options: BindOptions,
): Promise<string[]> {
  if (late.length === 0) return [];
  const context = { repo: ledger.repo, place, env: options.env, config: options.config, now: options.now };
  const txns = new Map<string, TxnState>();
  const records: LateRecord[] = [];
  for (const [i, one] of late.entries()) {
    const session = sessions.find(({ key }) => key === one.session);
    if (session === undefined) continue;
    const branch = one.branch ?? (await branchOf(ledger.repo, one.commit.oid));
    // A millisecond apart: ids of one and the same are in no order, and lists go by them.
    const then = { ...context, now: options.now + i };
    const stored = await recordLate(then, ledger.reader, session, { ...one, branch }, txns);
    const tie = { stored, commit: one.commit, grade: 'exact', sealed: false, via: 'sweep', branch } as const;
    records.push({ stored, binding: await bindingRecord(ledger, { ...tie, now: options.now }) });
  }
  await queueRecords(
    place,
    records.map(({ stored }) => ({ stored, level: levelOf(options.config.get('agentlog.level')) })),
  );
  await appendToNotes(
    ledger,
    records.map(({ stored, binding }) => ({
      object: binding.commit,
      lines: (present) =>
        present.some((line) => isOfSession(line, stored.record))
          ? []
          : [stored.line, encodeRecord(binding).line],
    })),
    {
      identity: committerLine(options.env, options.config, options.now),
      message: ledgerMessage(records, options.via),
      patience: options.patience,
    },
  );
  await Promise.all([...txns.values()].map((txn) => saveTxn(place, txn)));
  return records.map(({ binding }) => binding.commit);
}

/** Another process found the same commit first. */
function isOfSession(line: string, record: ExecutionRecord): boolean {
  const parsed = parseLine(line);
  return (
    isReadable(parsed) &&
    isExecution(parsed) &&
    parsed.record.agent.name === record.agent.name &&
    parsed.record.agent.sessionId === record.agent.sessionId
  );
}

function ledgerMessage(records: readonly LateRecord[], via: string): string {
  const [first] = records;
  const subject =
    records.length === 1 && first
      ? `agent-log: find ${shortOid(first.binding.commit)}, late`
      : `agent-log: find ${records.length} commits, late`;
  const lines = records.map(({ binding, stored }) => `${binding.commit} ${stored.digest}`);
  return `${subject}\n\n${lines.join('\n')}\n\nVia: sweep (${via})\n`;
}

/** Calls that ended were looked into; what could not be told goes into the session's next record. True when that changed it. */
function closeCalls(session: SessionState, heads: HeadsNow, unclear: readonly Unclear[]): boolean {
  const before = session.shellCalls.length + session.gaps.length;
  const running = new Set(session.shellCalls.filter((call) => !wasOver(call, heads)).map(({ top }) => top));
  session.shellCalls = session.shellCalls.filter(({ top }) => running.has(top));
  for (const { commit, why, session: key } of unclear)
    if (key === session.key) addGap(session, `commit ${shortOid(commit)} was not claimed: ${why}`);
  return session.shellCalls.length + session.gaps.length !== before;
}

function stateAfter(
  before: SweepState,
  { readAt }: HeadsNow,
  reports: ReadonlyMap<string, HeadReport>,
): SweepState {
  const anchors = new Map([...reports].map(([top, { anchor }]) => [top, anchor]));
  const marks = before.marks.filter(({ top }) => !reports.has(top));
  for (const [top, { people }] of reports) marks.push(...marksLeft(before.marks, top, people));
  return { readAt, anchors, marks };
}

/** Of the marks that were there, as many for each place as were not used up; the newest stay. */
function marksLeft(marks: readonly PersonMark[], top: string, people: readonly string[]): PersonMark[] {
  const here = marks.filter((mark) => mark.top === top);
  return [...new Set(people)].flatMap((head) => {
    const count = people.filter((other) => other === head).length;
    return here.filter((mark) => mark.head === head).slice(-count);
  });
}

/** git dates commits in seconds: of those made in one, HEAD's log tells the order. */
function byAge(reports: readonly HeadReport[]): (a: LateCommit, b: LateCommit) => number {
  const order = new Map(reports.flatMap(({ logged }) => [...logged]).map((oid, at) => [oid, at]));
  const place = ({ commit }: LateCommit): number => order.get(commit.oid) ?? order.size;
  return (a, b) => committedAt(a.commit) - committedAt(b.commit) || place(a) - place(b);
}
