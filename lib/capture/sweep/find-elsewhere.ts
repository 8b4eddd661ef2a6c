import { listCommits } from '../../git/history/commit-list.ts';
import { branchOf } from '../../git/refs/branch-of.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Place } from '../place.ts';
import type { SessionState } from '../session/session.ts';
import type { ShellCall } from '../session/shell-call.ts';
import { loadTexts } from '../session/texts.ts';
import { type Candidate, type Owned, ownerOf, type Suspect } from './elsewhere.ts';
import { committedAt, type HeadReport, type HeadsNow, readCommits, recordedAmong, wasOver } from './heads.ts';
import { changesOf, type LateCommit } from './late.ts';
import type { PersonMark } from './state.ts';

/** Commits without a record that are looked at: with more of them in so short a time no agent made them by hand. */
const MAX_CANDIDATES = 500;

/** Commits of sessions that no look at HEAD explains: on other branches, in other worktrees, or made by somebody else. */
export async function findElsewhere(
  ledger: Ledger,
  place: Place,
  heads: HeadsNow,
  sessions: readonly SessionState[],
  reports: readonly HeadReport[],
  marks: readonly PersonMark[],
): Promise<LateCommit[]> {
  const since = Math.min(...sessions.map(workSince));
  if (!Number.isFinite(since)) return [];
  const candidates = await candidatesSince(ledger, heads, since, reports);
  if (candidates.length === 0) return [];
  const suspects = await Promise.all(sessions.map((session) => suspectOf(place, heads, session)));
  const people = new Set(marks.map(({ head }) => head));
  const owned = candidates
    .map((candidate) => ownerOf(candidate, suspects, people))
    .filter((one) => one !== null);
  return Promise.all(owned.map((one) => lateCommit(ledger, one)));
}

async function lateCommit(ledger: Ledger, { candidate, owner, at, gaps }: Owned): Promise<LateCommit> {
  const { commit, changes } = candidate;
  const branch = await branchOf(ledger.repo, commit.oid);
  const unknown = { amends: null, evidence: [], top: null, agentId: null };
  return { ...unknown, commit, changes, session: owner.key, at, branch, gaps };
}

/** When a session's unrecorded work began, in milliseconds since 1970; Infinity when there is none. */
function workSince({ writes, shellCalls, calls, currentPrompt }: SessionState): number {
  if (writes.size === 0 && shellCalls.every(({ endedAt }) => endedAt === null))
    return Number.POSITIVE_INFINITY;
  const times = [
    ...shellCalls.map(({ startedAt }) => startedAt),
    ...calls.flatMap(({ startedAt }) => (startedAt === undefined ? [] : [Date.parse(startedAt)])),
    ...(currentPrompt === null ? [] : [Date.parse(currentPrompt.at)]),
  ];
  return times.length === 0 ? Date.now() - DAY_MS : Math.min(...times);
}

const DAY_MS = 24 * 60 * 60 * 1000;

async function candidatesSince(
  ledger: Ledger,
  heads: HeadsNow,
  since: number,
  reports: readonly HeadReport[],
): Promise<Candidate[]> {
  const claimed = new Set(reports.flatMap(({ claims }) => claims.map(({ commit }) => commit)));
  // Where branches were when the logs were read: what came later may be of a call nobody knows of yet. Not the logs of all
  // refs: those of the stash and of the ledger itself hold no work.
  const selection = { revisions: heads.tips, since: Math.floor(since / 1000) - 1, limit: MAX_CANDIDATES };
  const onBranches = (await listCommits(ledger.repo, selection)) ?? [];
  const oids = new Set([...onBranches, ...reports.flatMap(({ commits }) => [...commits.keys()])]);
  const all = await readCommits(
    ledger,
    [...oids].filter((oid) => !claimed.has(oid) && !reports.some(({ unsettled }) => unsettled.has(oid))),
  );
  const young = [...all.values()].filter((commit) => committedAt(commit) >= since - 1000);
  const recorded = await recordedAmong(ledger, young);
  const left = young.filter(({ oid }) => !recorded.has(oid));
  const changes = await changesOf(ledger.repo, ledger.reader, left);
  return left.map((commit, i) => ({
    commit,
    changes: changes[i] ?? [],
    betweenCalls: reports.some(({ logged }) => logged.has(commit.oid)),
  }));
}

async function suspectOf(place: Place, heads: HeadsNow, session: SessionState): Promise<Suspect> {
  const ended = session.shellCalls.filter((call) => wasOver(call, heads));
  const args = new Map(session.calls.map((call) => [call.id, call.args?.digest ?? '']));
  const texts =
    ended.length === 0
      ? new Map<string, string>()
      : await loadTexts(place, session.key, new Set(ended.map(({ id }) => args.get(id) ?? '')));
  const speaks = ({ id }: ShellCall): boolean => /commit|merge/i.test(texts.get(args.get(id) ?? '') ?? '');
  return { session, committing: ended.filter(speaks) };
}
