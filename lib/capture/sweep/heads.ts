import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseNote } from '../../core/records/note.ts';
import { isExecution, isLanding, isReadable, type StoredRecord } from '../../core/records/record.ts';
import { claimedTrailers } from '../../core/records/trailers.ts';
import { branchTips, listCommits } from '../../git/history/commit-list.ts';
import { type Commit, readCommit } from '../../git/objects/objects.ts';
import type { GitPlace } from '../../git/process/runner.ts';
import { type ReflogEntry, readReflog } from '../../git/refs/reflog.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { listWorktrees } from '../../git/repository/worktrees.ts';
import { type Ledger, readNote } from '../../ledger/ledger.ts';
import type { ShellCall } from '../session/shell-call.ts';
import { type Claim, type Claims, claimSteps, NO_COMMIT, type SessionCall, type Unclear } from './claims.ts';
import { type Anchor, anchorOf, firstNewStep } from './state.ts';

/** Steps of HEAD's log that are looked at: more than any agent makes between two sweeps. */
const MAX_STEPS = 2000;
const MAX_WITHOUT_LOG = 200;

/** What one worktree's HEAD told. */
export interface HeadReport extends Claims {
  readonly anchor: Anchor;
  readonly commits: ReadonlyMap<string, Commit>;
  /** Commits HEAD's log names, where agents' calls are looked at: only their place in it tells whose they are, never time. */
  readonly logged: ReadonlySet<string>;
  /** Those that came while a call ran that is not over: they are for a later sweep. */
  readonly unsettled: ReadonlySet<string>;
}

/** HEAD's log of every worktree at one moment. */
export interface HeadsNow {
  /** Milliseconds since 1970: before any of the logs was read. */
  readonly readAt: number;
  /** By top of the worktree; oldest step first. */
  readonly steps: ReadonlyMap<string, readonly ReflogEntry[]>;
  /** Where the branches were. */
  readonly tips: readonly string[];
}

/**
 * Reads the logs. This goes before the agents' events are taken in: whatever is in them then was done by a call whose
 * start is among the events.
 */
export async function readHeads(repo: Repository): Promise<HeadsNow> {
  const readAt = Date.now();
  const worktrees = (await listWorktrees(repo)).filter(({ top }) => existsSync(top));
  const [tips, ...logs] = await Promise.all([
    branchTips(repo),
    ...worktrees.map(({ top }) => readReflog({ cwd: top, foreign: true }, 'HEAD', MAX_STEPS)),
  ]);
  const steps = new Map(worktrees.map(({ top }, i) => [top, (logs[i] ?? []).reverse()]));
  return { readAt, steps, tips };
}

/** A file's time may lie this far behind the clock. */
const TICK_MS = 50;

/** Waits until every call whose end was told before is seen to be over: for who looks only once, because of that end. */
export function settle(): Promise<void> {
  return sleep(TICK_MS);
}

/** True when a call was over, and its end told, before the logs were read. */
export function wasOver({ endedAt }: ShellCall, { readAt }: HeadsNow): boolean {
  return endedAt !== null && endedAt < readAt - TICK_MS;
}

/** Finds the commits that HEAD of one worktree came to by an agent's shell calls without a hook of ours. */
export async function lookAtHead(
  ledger: Ledger,
  top: string,
  heads: HeadsNow,
  allCalls: readonly SessionCall[],
  people: readonly string[],
  anchor: Anchor | undefined,
): Promise<HeadReport> {
  const hadLooks = anchor?.hadLooks === true;
  const place: GitPlace = { cwd: top, foreign: true };
  const all = heads.steps.get(top) ?? [];
  const calls = allCalls.filter(({ call }) => wasOver(call, heads));
  const running = allCalls.filter(({ call }) => !wasOver(call, heads));
  const steps = all.slice(0, settledSteps(all, running, anchor));
  const begin = Math.min(...calls.map(({ call }) => call.startedAt));
  const known = firstNewStep(steps, anchor);
  const from = known ?? (calls.length === 0 ? steps.length : await firstStepSince(ledger, steps, begin));
  const oids = [...new Set(steps.slice(Math.max(from - 1, 0)).map(({ oid }) => oid))];
  const commits = await readCommits(ledger, oids);
  const recorded = await recordedAmong(ledger, [...commits.values()]);
  const found = claimSteps(calls, { steps, from, commits, people, recorded });
  const silent = await withoutLog(ledger, place, all, calls, found.people);
  for (const [oid, commit] of silent.commits) commits.set(oid, commit);
  return {
    claims: [...found.claims, ...silent.claims],
    unclear: [...found.unclear, ...silent.unclear],
    people: found.people,
    anchor: anchorOf(steps, hadLooks || allCalls.length > 0),
    commits,
    logged: new Set(hadLooks || allCalls.length > 0 ? all.map(({ oid }) => oid) : []),
    unsettled: new Set(all.slice(steps.length).map(({ oid }) => oid)),
  };
}

/**
 * How many of the steps are over: what happened since a call that still runs began is looked into when it has ended, and
 * it is known whether it was the call's.
 */
function settledSteps(
  steps: readonly ReflogEntry[],
  running: readonly SessionCall[],
  anchor: Anchor | undefined,
): number {
  const known = firstNewStep(steps, anchor) ?? 0;
  const begins = running.map(({ call }) => {
    const at = steps.findLastIndex(({ oid }) => oid === call.before.head);
    return Math.max(at + 1, known);
  });
  return Math.min(steps.length, ...begins);
}

/** Without an anchor only what is dated after the calls began can be theirs. */
async function firstStepSince(ledger: Ledger, steps: readonly ReflogEntry[], since: number): Promise<number> {
  for (let at = steps.length; at > 0; at--) {
    const commit = await readCommit(ledger.reader, steps[at - 1]?.oid ?? '');
    if (commit === null || committedAt(commit) < since - 1000) return at;
  }
  return 0;
}

/** Commits a client made that writes no reflog (isomorphic-git): what HEAD reaches after a call and did not before. */
async function withoutLog(
  ledger: Ledger,
  place: GitPlace,
  steps: readonly ReflogEntry[],
  calls: readonly SessionCall[],
  people: readonly string[],
): Promise<{ claims: Claim[]; unclear: Unclear[]; commits: Map<string, Commit> }> {
  const logged = new Set(steps.map(({ oid }) => oid));
  const commits = new Map<string, Commit>();
  const claims: Claim[] = [];
  const unclear: Unclear[] = [];
  for (const by of calls) {
    const { before, after } = by.call;
    if (after === null || after.head === null || after.head === before.head || logged.has(after.head))
      continue;
    const revisions = [after.head, ...(before.head === null ? [] : [`^${before.head}`])];
    const oids = (await listCommits(place, { revisions, onlyHere: true, limit: MAX_WITHOUT_LOG })) ?? [];
    const found = await readCommits(ledger, oids.reverse());
    const recorded = await recordedAmong(ledger, [...found.values()]);
    for (const [commit, { parents }] of found) {
      if (recorded.has(commit) || commits.has(commit) || logged.has(commit)) continue;
      commits.set(commit, found.get(commit) as Commit);
      if (people.includes(parents[0] ?? NO_COMMIT))
        unclear.push({ commit, session: by.session, why: 'a person began a commit at the same place' });
      else claims.push({ commit, amends: null, by });
    }
  }
  return { claims, unclear, commits };
}

export async function readCommits(ledger: Ledger, oids: readonly string[]): Promise<Map<string, Commit>> {
  const all = await Promise.all(oids.map((oid) => readCommit(ledger.reader, oid)));
  return new Map(all.flatMap((commit) => (commit === null ? [] : [[commit.oid, commit] as const])));
}

/** Those of some commits that have a record, or hold the work of one, or whose message says that a hook of ours ran. */
export async function recordedAmong(ledger: Ledger, commits: readonly Commit[]): Promise<Set<string>> {
  const flags = await Promise.all(
    commits.map(async ({ oid, message }) => {
      if (claimedTrailers(message).records.length > 0) return true;
      const note = await readNote(ledger, oid);
      return note !== null && parseNote(note.text).some((line) => isReadable(line) && isOf(oid, line));
    }),
  );
  return new Set(commits.filter((_, i) => flags[i]).map(({ oid }) => oid));
}

/** Its own record, or one that landed in it: work that was recorded where it was first made. */
function isOf(oid: string, line: StoredRecord): boolean {
  return isExecution(line) || (isLanding(line) && line.record.commit === oid);
}

/** Milliseconds since 1970; 0 when the commit does not tell. */
export function committedAt({ committer }: Commit): number {
  return Number(/ (\d+) [+-]\d{4}$/.exec(committer)?.[1] ?? 0) * 1000;
}
