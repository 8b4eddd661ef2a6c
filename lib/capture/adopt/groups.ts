import type { CaptureSource } from '../../core/generated/execution-v1.types.ts';
import type { SessionMark } from '../../identity/agents/sessions.ts';

/** How commits that name no session, or all, are put together. */
export type Grouping = 'session' | 'branch' | 'commit';

/** A commit, as far as grouping depends on it. Those not `wanted` only show how the others hang together. */
export interface Candidate {
  readonly commit: string;
  readonly parents: readonly string[];
  /** Seconds since 1970. */
  readonly committedAt: number;
  readonly wanted: boolean;
  readonly agent: string;
  readonly session: SessionMark | null;
  /** A pull request that a forge squashed into this one commit. */
  readonly isSquash: boolean;
}

/** Commits that make up one transaction, oldest first, and what holds them together. */
export interface Group {
  readonly source: CaptureSource;
  readonly commits: readonly string[];
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/**
 * Puts commits into transactions: each wanted one into exactly one. Depends on the commits alone, not on their order.
 *
 * - `session`: by the session a commit names; else by the merge that brought it in; else alone
 * - `branch`: by the merge that brought it in; else with those right before and after it on the branch, by one agent
 * - `commit`: alone
 */
export function groupCommits(candidates: readonly Candidate[], by: Grouping): Group[] {
  const all = oldestFirst(candidates);
  const line = firstParentLine(all);
  const merges = by === 'commit' ? new Map<string, string>() : mergesOf(all, line);
  const runs = by === 'branch' ? runsOf(all, line) : new Map<string, string>();
  return gather([...all.values()], (candidate): CaptureSource => {
    const { commit, agent, session } = candidate;
    if (by === 'session' && session !== null) return { format: session.format, unit: session.unit };
    const merge = merges.get(commit);
    if (merge !== undefined) return { format: 'merge', unit: `${merge} ${agent}` };
    const run = runs.get(commit);
    return run === undefined ? { format: 'commit', unit: commit } : { format: 'run', unit: run };
  });
}

/** Groups as somebody names them. */
export function groupByName(
  candidates: readonly Candidate[],
  nameOf: (commit: string) => string | undefined,
): Group[] {
  return gather([...oldestFirst(candidates).values()], ({ commit }) => ({
    format: 'txn-map',
    unit: nameOf(commit) ?? commit,
  }));
}

function gather(sorted: readonly Candidate[], sourceOf: (candidate: Candidate) => CaptureSource): Group[] {
  const groups = new Map<string, { source: CaptureSource; commits: string[]; startedAt: number }>();
  for (const candidate of sorted) {
    if (!candidate.wanted) continue;
    const source = sourceOf(candidate);
    const key = `${source.format} ${source.unit}`;
    const group = groups.get(key);
    const at = candidate.committedAt * 1000;
    if (group === undefined) groups.set(key, { source, commits: [candidate.commit], startedAt: at });
    else {
      group.commits.push(candidate.commit);
      group.startedAt = Math.min(group.startedAt, at);
    }
  }
  return [...groups.values()];
}

/** By date, and by id where a rebase gave several the same; but none before a parent of its own, whatever clocks say. */
function oldestFirst(candidates: readonly Candidate[]): Graph {
  const sorted = [...candidates].sort(
    (a, b) => a.committedAt - b.committedAt || (a.commit < b.commit ? -1 : 1),
  );
  const given = new Map(sorted.map((candidate) => [candidate.commit, candidate]));
  const order = new Map<string, Candidate>();
  const entered = new Set<string>();
  for (const start of sorted) {
    const waiting = [start];
    for (let at = waiting.at(-1); at !== undefined; at = waiting.at(-1)) {
      const before = entered.has(at.commit)
        ? []
        : at.parents.flatMap((parent) => (order.has(parent) ? [] : (given.get(parent) ?? [])));
      entered.add(at.commit);
      if (before.length > 0) waiting.push(...before);
      else {
        order.set(at.commit, at);
        waiting.pop();
      }
    }
  }
  return order;
}

type Graph = ReadonlyMap<string, Candidate>;

/** What the tips reach by first parents alone: what was committed or merged right there. None before its first parent. */
function firstParentLine(all: Graph): Set<string> {
  const parents = new Set([...all.values()].flatMap(({ parents: some }) => some));
  const line = new Set<string>();
  for (const tip of all.keys()) {
    if (parents.has(tip)) continue;
    const chain: string[] = [];
    for (let at: string | undefined = tip; at !== undefined && all.has(at) && !line.has(at); ) {
      chain.push(at);
      at = all.get(at)?.parents[0];
    }
    for (const commit of chain.reverse()) line.add(commit);
  }
  return line;
}

/** Which merge on the line first brought each commit in. The merge of a merge brings in what that one had. */
function mergesOf(all: Graph, line: ReadonlySet<string>): Map<string, string> {
  const brought = new Map<string, string>();
  for (const merge of line) {
    const waiting = [...(all.get(merge)?.parents.slice(1) ?? [])];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (!all.has(at) || line.has(at) || brought.has(at)) continue;
      brought.set(at, merge);
      waiting.push(...(all.get(at)?.parents ?? []));
    }
  }
  return brought;
}

/** Commits by one agent, one right after the other on the line, under the oldest of them. Anything else between ends it. */
function runsOf(all: Graph, line: ReadonlySet<string>): Map<string, string> {
  const runs = new Map<string, string>();
  for (const commit of line) {
    const candidate = all.get(commit);
    if (candidate === undefined || !isDirect(candidate)) continue;
    const before = all.get(candidate.parents[0] ?? '');
    const goesOn = before !== undefined && isDirect(before) && before.agent === candidate.agent;
    runs.set(commit, (goesOn ? runs.get(before.commit) : undefined) ?? commit);
  }
  return runs;
}

function isDirect({ wanted, isSquash, parents }: Candidate): boolean {
  return wanted && !isSquash && parents.length < 2;
}
