import { chainedBetween, type Step, stepsBetween } from '../../core/records/squash.ts';
import { commitsBetween } from '../../git/history/commit-range.ts';
import { readCommit } from '../../git/objects/objects.ts';
import type { TreePair } from '../../git/trees/tree-diff.ts';
import type { Ledger } from '../ledger.ts';
import { type Candidate, isRewrite, workOf } from './candidates.ts';
import { fitOf, type GradedCommit, patchOf, shapeOf } from './grade.ts';
import { patchesBetween } from './patch-cache.ts';

/** A record that may be part of a squash. */
export interface Part {
  readonly candidate: Candidate;
  /** The squash's own message names it. */
  readonly sealed: boolean;
}

/** Pairs of a beginning and an end that are tried, at most. */
const MOST_PAIRS = 128;

/** Records that begin, or end, at one tree and are tried, at most. */
const MOST_ENDS = 8;

/** Commits of a squashed range that are looked at, at most. */
export const MOST_SQUASHED = 10_000;

/**
 * Which of several records a commit holds together, by digest: the change from where one began to where another ended is,
 * byte for byte, the commit's, and they lie between. Empty when fewer than two do.
 */
export async function partsOf(
  ledger: Ledger,
  parts: readonly Part[],
  commit: GradedCommit,
): Promise<ReadonlySet<string>> {
  if (commit.parents.length > 1 || parts.length < 2) return new Set();
  const steps = await Promise.all(parts.map(({ candidate }) => stepOf(ledger, candidate)));
  const here = treesOf(commit);
  if (here !== null) {
    const found = await partsWithin(ledger, parts, steps, here);
    if (found.size > 1) return found;
  }
  for (const pair of await samePairs(ledger, steps, commit)) {
    const found = await partsWithin(ledger, parts, steps, pair);
    if (found.size > 1) return found;
  }
  return new Set();
}

/** What the commit changes; null where its parent is not here. A first commit begins at ''. */
function treesOf({ parents, parentTree, tree }: GradedCommit): TreePair | null {
  return parents.length > 0 && parentTree === null ? null : { from: parentTree ?? '', to: tree };
}

async function stepOf(ledger: Ledger, { record: { record, digest } }: Candidate): Promise<Step> {
  const { head, tree, amends, prev } = record;
  const [replaced] = amends === undefined ? [] : head.parents;
  const below = replaced === undefined ? null : await readCommit(ledger.reader, replaced);
  const seen = head.commit === null ? '' : head.tree;
  const before = [...(seen === null ? [] : [seen]), ...(below === null ? [] : [below.tree])];
  return { digest, before, after: tree, prev };
}

/** Pairs of a beginning and an end between which the same change lies, the longest way first. */
async function samePairs(ledger: Ledger, steps: readonly Step[], commit: GradedCommit): Promise<TreePair[]> {
  const made = await patchOf(ledger, commit);
  if (made === null) return [];
  const ends = [...new Set(steps.flatMap(({ after }) => after ?? []))].reverse();
  const starts = [...new Set(steps.flatMap(({ before }) => before))];
  const pairs = ends
    .flatMap((to) => starts.map((from) => ({ from, to })))
    .filter(({ from, to }) => from !== to)
    .slice(0, MOST_PAIRS);
  const ids = await patchesBetween(
    ledger,
    pairs.map(({ from, to }) => ({ from: from === '' ? null : from, to })),
  );
  return pairs.filter((_, i) => ids[i] === made).slice(0, MOST_ENDS);
}

/** The records between two trees: those that lead from one to the other, or else lie between one that begins and one that ends there. */
async function partsWithin(
  ledger: Ledger,
  parts: readonly Part[],
  steps: readonly Step[],
  { from, to }: TreePair,
): Promise<Set<string>> {
  const unbroken = stepsBetween(steps, from, to);
  if (unbroken.size > 0) return unbroken;
  const firsts = parts.filter((_, i) => steps[i]?.before.includes(from)).slice(0, MOST_ENDS);
  const lasts = parts.filter((_, i) => steps[i]?.after === to).slice(-MOST_ENDS);
  for (const first of firsts) {
    for (const last of lasts) {
      const between = first === last ? null : await partsBetween(ledger, parts, steps, [first, last]);
      if (between !== null && between.size > 1) return between;
    }
  }
  return new Set();
}

/** Somebody's commits lie among the agent's: history tells what is between, and where it is not here, the chain of records. */
async function partsBetween(
  ledger: Ledger,
  parts: readonly Part[],
  steps: readonly Step[],
  [first, last]: readonly [Part, Part],
): Promise<Set<string>> {
  const base = first.candidate.record.record.head.commit;
  const head = last.candidate.bindings[0]?.record.commit;
  const commits =
    head === undefined ? null : await commitsBetween(ledger.repo, { base, head }, MOST_SQUASHED);
  if (commits !== null) {
    const among = await Promise.all(parts.map(({ candidate }) => isAmong(ledger, candidate, commits)));
    return new Set(parts.filter((_, i) => among[i]).map(digestOf));
  }
  const ends = new Set([digestOf(first), digestOf(last)]);
  const chained = chainedBetween(steps, ends);
  return chained.size > 0 || (first.sealed && last.sealed) || isNext(first, last)
    ? new Set([...ends, ...chained])
    : new Set();
}

/**
 * One of the commits is the record's own: it was bound to it or landed in it, and the content agrees. It is asked as for that
 * commit alone: what git rewrote there, and what was changed in the doing, is as much in the range as what stayed as it was.
 */
export async function isAmong(
  ledger: Ledger,
  candidate: Candidate,
  commits: ReadonlySet<string>,
): Promise<boolean> {
  const { bindings, landings } = candidate;
  const known = [...bindings.map((binding) => binding.record), ...landings];
  const work = workOf(candidate);
  for (const oid of new Set(known.map(({ commit }) => commit))) {
    const commit = commits.has(oid) ? await readCommit(ledger.reader, oid) : null;
    if (commit === null) continue;
    const rewritten = isRewrite(landings.filter((landing) => landing.commit === oid));
    if ((await fitOf(ledger, work, await shapeOf(ledger, commit), rewritten)) !== null) return true;
  }
  return false;
}

function isNext(first: Part, last: Part): boolean {
  return last.candidate.record.record.prev === digestOf(first);
}

function digestOf({ candidate }: Part): string {
  return candidate.record.digest;
}
