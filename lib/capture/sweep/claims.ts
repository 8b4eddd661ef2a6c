import { sameList } from '../../core/lists.ts';
import type { Commit } from '../../git/objects/objects.ts';
import type { ReflogEntry } from '../../git/refs/reflog.ts';
import type { ShellCall } from '../session/shell-call.ts';

/** A shell call of one session. */
export interface SessionCall {
  readonly session: string;
  readonly call: ShellCall;
}

/** A commit that came to be while a shell call of an agent ran. */
export interface Claim {
  readonly commit: string;
  /** The commit it replaced. */
  readonly amends: string | null;
  readonly by: SessionCall;
}

/** A commit that may be an agent's, and why nobody can say. */
export interface Unclear {
  readonly commit: string;
  readonly why: string;
  readonly session: string;
}

/** What is known of one worktree's HEAD. */
export interface HeadHistory {
  /** Oldest first. */
  readonly steps: readonly ReflogEntry[];
  /** Steps before this one were looked into by an earlier sweep. */
  readonly from: number;
  readonly commits: ReadonlyMap<string, Commit>;
  /** Where HEAD stood each time a person began a commit here. */
  readonly people: readonly string[];
  /** Commits with a record, or with a seal in their message. */
  readonly recorded: ReadonlySet<string>;
}

export interface Claims {
  readonly claims: readonly Claim[];
  readonly unclear: readonly Unclear[];
  /** Where HEAD stood for the commits people began and have not been seen to make. */
  readonly people: readonly string[];
}

/** A stretch of HEAD's steps that lies between the looks before and after one call. */
interface Span {
  readonly by: SessionCall;
  readonly from: number;
  readonly to: number;
}

/** Stands for "no commit yet" where an id is expected. */
export const NO_COMMIT = 'none';

/**
 * Which of HEAD's steps made a commit during a shell call, and are nobody else's: pure. A step between two calls is
 * never claimed, and neither is one that a person's hook announced.
 */
export function claimSteps(calls: readonly SessionCall[], history: HeadHistory): Claims {
  const spans = spansOf(calls, history);
  const made = madeCommits(history);
  const left = countMarks(history.people);
  for (const step of made.filter(({ at }) => spanAt(spans, at) === undefined)) takeMark(left, step.onto);
  const claims: Claim[] = [];
  const unclear: Unclear[] = [];
  for (const step of made) {
    const span = spanAt(spans, step.at);
    if (span === undefined) continue;
    const { commit, amends } = step;
    if (takeMark(left, step.onto))
      unclear.push({ commit, session: span.by.session, why: 'a person began a commit at the same place' });
    else claims.push({ commit, amends, by: span.by });
  }
  return { claims, unclear, people: [...left].flatMap(([head, count]) => Array<string>(count).fill(head)) };
}

interface Made {
  readonly at: number;
  readonly commit: string;
  readonly onto: string;
  readonly amends: string | null;
}

/** Steps since the last sweep that made a commit which has no record. */
function madeCommits({ steps, from, commits, recorded }: HeadHistory): Made[] {
  return steps.flatMap((step, at) => {
    if (at < from || recorded.has(step.oid)) return [];
    const commit = commits.get(step.oid);
    const onto = steps[at - 1]?.oid ?? NO_COMMIT;
    if (commit === undefined || !makesCommit(step, commit, onto)) return [];
    const before = commits.get(onto);
    const replaces = before !== undefined && sameList(before.parents, commit.parents);
    return [{ at, commit: step.oid, onto, amends: replaces ? onto : null }];
  });
}

/**
 * git says what moved a ref: of its own words only those of `commit` and of a merge that made one tell of a new commit;
 * what rebase, cherry-pick, revert and am replay is a landing of work that was recorded where it was made. Where nothing
 * is said (update-ref), a commit on top of where HEAD stood is a new one.
 */
function makesCommit({ action }: ReflogEntry, commit: Commit, onto: string): boolean {
  if (/^commit(?: \((?:initial|amend|merge)\))?(?::|$)/.test(action)) return true;
  if (/: Merge made by /.test(action)) return true;
  if (GITS_OWN.test(action)) return false;
  return onto === NO_COMMIT ? commit.parents.length === 0 : commit.parents[0] === onto;
}

const GITS_OWN =
  /^(?:commit \(cherry-pick\)|checkout|reset|rebase|pull|fetch|cherry-pick|revert|am|clone|branch|merge|switch|bisect|initial pull|fast-forward|Branch|filter-branch|rewind)\b/;

/** Calls in the order they happened; each one's steps are looked for after those of the one before. */
function spansOf(calls: readonly SessionCall[], { steps, from }: HeadHistory): Span[] {
  const spans: Span[] = [];
  let cursor = Math.max(from - 1, 0);
  for (const by of [...calls].sort((a, b) => a.call.startedAt - b.call.startedAt)) {
    const { before, after } = by.call;
    if (after === null || after.head === before.head || after.head === null) continue;
    const to = steps.findIndex((step, i) => i >= Math.max(cursor, from) && step.oid === after.head);
    if (to < 0) continue;
    const start = before.head === null ? -1 : lastIndex(steps, before.head, cursor, to);
    if (start === null) continue;
    spans.push({ by, from: start + 1, to });
    // Calls that ran at the same time saw the same steps: what both may have made is settled by who came first.
    cursor = to;
  }
  return spans;
}

function lastIndex(steps: readonly ReflogEntry[], oid: string, from: number, to: number): number | null {
  for (let i = to - 1; i >= from; i--) if (steps[i]?.oid === oid) return i;
  return null;
}

function spanAt(spans: readonly Span[], at: number): Span | undefined {
  return spans.find(({ from, to }) => at >= from && at <= to);
}

function countMarks(heads: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const head of heads) counts.set(head, (counts.get(head) ?? 0) + 1);
  return counts;
}

function takeMark(marks: Map<string, number>, head: string): boolean {
  const count = marks.get(head) ?? 0;
  if (count === 0) return false;
  marks.set(head, count - 1);
  return true;
}
