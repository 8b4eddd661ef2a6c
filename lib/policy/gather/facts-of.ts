import {
  type ChangeSubject,
  type ExecutionRecord,
  isReadable,
  isReplay,
  isSignature,
  type ReplayRecord,
} from '../../core/records/record.ts';
import type { Roster } from '../../identity/roster/roster.ts';
import { type JudgedAt, pipelineBehind } from '../../identity/signatures/judge.ts';
import type { Told } from '../../ledger/told/told.ts';
import type { Change, ChangedFile, CheckFact, ExceptionFact, Facts, ReplayFact } from '../facts.ts';
import { inOrder } from './changed.ts';
import type { PeopleFacts } from './people.ts';
import type { RangeCommit } from './range-commits.ts';

/** Everything that was found out of a change, from which the facts are made. */
export interface Gathered extends PeopleFacts {
  readonly stage: string;
  readonly subject: ChangeSubject;
  readonly commits: readonly RangeCommit[];
  /** Commits of the target that the range does not have. */
  readonly behind: number;
  readonly files: readonly ChangedFile[];
  readonly checks: readonly CheckFact[];
  readonly exceptions: readonly ExceptionFact[];
  /** Of the target. */
  readonly roster: Roster;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What signatures of replays are judged by. */
  readonly at: JudgedAt;
}

/** What rules see of a change. */
export function factsOf(gathered: Gathered): Facts {
  const { stage, subject, commits, files, sponsors, now } = gathered;
  const agents = commits.filter(({ isAgent }) => isAgent);
  const recorded = agents.filter((commit) => commit.records.length > 0);
  const records = recorded.flatMap((commit) => commit.records.map(({ record }) => record));
  const problems = unique(commits.flatMap((commit) => [...commit.problems]));
  const claimed = commits.filter(({ binding }) => binding === 'claimed').length;
  const change: Change = {
    stage,
    target: subject.target ?? '',
    base: subject.base ?? '',
    head: subject.head,
    mr: subject.mr ?? '',
    evaluated_at: new Date(now).toISOString(),
    by_agent: agents.length > 0,
    commits: commits.length,
    merge_commits: commits.filter(({ isMerge }) => isMerge).length,
    behind: gathered.behind,
    agent_commits: agents.length,
    unrecorded_agent_commits: agents.length - recorded.length,
    unsealed_commits: recorded.filter(({ sealed }) => !sealed).length,
    modified_commits: recorded.filter(({ binding }) => binding === 'modified').length,
    claimed_commits: claimed,
    txns: unique(records.map(({ txn }) => txn)),
    reverts: unique(commits.flatMap(({ logged }) => revertedTxns(logged.message))),
    files,
    classes: inOrder(files.flatMap(({ classes }) => [...classes])),
    agents: unique([
      ...records.map(({ agent }) => agent.name),
      ...agents.filter((commit) => commit.records.length === 0).flatMap(({ agents: named }) => [...named]),
    ]),
    models: unique(records.flatMap(({ model }) => model.name ?? [])),
    providers: unique(records.flatMap(({ model }) => model.provider ?? [])),
    models_missing: recorded.filter((commit) => lacks(commit, ({ model }) => model.name)).length,
    tools: unique(records.flatMap(({ toolCalls }) => toolCalls.map(({ name }) => name))),
    task_refs: unique(records.flatMap(({ task }) => task?.ref ?? [])),
    tasks_missing: agents.filter((commit) => lacks(commit, ({ task }) => task)).length,
    authors: gathered.authors,
    committers: gathered.committers,
    sponsors,
    ...(sponsors.length === 1 && sponsors[0] !== undefined ? { sponsor: sponsors[0] } : {}),
    sponsors_missing: gathered.sponsorsMissing,
    approvals: gathered.approvals,
    owner_approvals: gathered.owners,
    records_ok: problems.length === 0 && claimed === 0,
    problems,
    replays: recorded.flatMap((commit) => lastReplays(commit, gathered)),
    checks: gathered.checks,
    exceptions: gathered.exceptions,
    size: { added: sum(files.map(({ added }) => added)), deleted: sum(files.map(({ deleted }) => deleted)) },
  };
  return { change };
}

/** Whether one of a commit's records does not tell something, or there is none to tell it. */
function lacks({ records }: RangeCommit, told: (record: ExecutionRecord) => unknown): boolean {
  return records.length === 0 || records.some(({ record }) => told(record) == null);
}

/**
 * The last replay of each of a commit's own records in each mode: an older verdict is history. One that a pipeline stands behind is taken before
 * any other.
 */
function lastReplays(commit: RangeCommit, { roster, at }: Pick<Gathered, 'roster' | 'at'>): ReplayFact[] {
  const last = new Map<string, ReplayFact>();
  for (const told of replaysOn(commit)) {
    const { txn, mode, verdict } = told.stored.record;
    if (txn === null || !commit.records.some(({ record }) => record.txn === txn)) continue;
    const isSure = pipelineBehind(told, roster, at) !== null;
    const key = `${txn} ${mode}`;
    if (isSure || last.get(key)?.trust !== 'evaluated')
      last.set(key, { txn, mode, verdict, trust: isSure ? 'evaluated' : 'asserted' });
  }
  return [...last.values()];
}

/** The replays on a commit's note, oldest first. */
export function replaysOn({ oid, note }: Pick<RangeCommit, 'oid' | 'note'>): Told<ReplayRecord>[] {
  const readable = (note?.lines ?? []).filter(isReadable);
  const signatures = readable.filter(isSignature).map((stored) => stored.record);
  return readable
    .filter(isReplay)
    .sort((a, b) => (a.record.id < b.record.id ? -1 : 1))
    .map((stored) => ({ object: oid, stored, signatures }));
}

/** Transactions a message says it takes back. A trailer only claims: rules may ask for more. */
function revertedTxns(message: string): string[] {
  const trailers = message.matchAll(
    /^[ \t>*+-]*Reverts-Txn:[ \t]*([0-7][0-9A-HJKMNP-TV-Z]{25})[ \t]*\r?$/gim,
  );
  return [...trailers].map(([, txn = '']) => txn.toUpperCase());
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
