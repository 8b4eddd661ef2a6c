import { type Step, stepsBetween } from '../../core/records/squash.ts';
import { type CommitRange, commitsBetween } from '../../git/history/commit-range.ts';
import { mergeBase, unmergedTips } from '../../git/history/fork-point.ts';
import { readCommit } from '../../git/objects/objects.ts';
import type { GradedCommit } from '../binding/grade.ts';
import { patchBetween, patchesBetween } from '../binding/patch-cache.ts';
import { MOST_SQUASHED } from '../binding/squash.ts';
import type { Ledger } from '../ledger.ts';
import { changeOf } from './looked.ts';
import type { Work } from './works.ts';

/** Records whose work a commit makes together, and the commits they were. */
export interface SquashedWorks {
  readonly works: readonly Work[];
  readonly range: CommitRange | null;
}

interface Range extends CommitRange {
  readonly from: string | null;
  readonly to: string;
}

const MOST_HEADS = 200;
const MOST_TIPS = 300;
const MOST_OF_ONE_TXN = 20;
const MOST_WINDOWS = 2000;

/**
 * What a commit could be a squash of: what the branches and the records' own commits change since they left its history,
 * and every stretch of a transaction. Gives the ways to read a commit, all of which make its change byte for byte.
 */
export async function squashedRanges(
  ledger: Ledger,
  tip: string,
  open: readonly Work[],
): Promise<(commit: GradedCommit) => Promise<SquashedWorks[]>> {
  const ranges = uniqueRanges([...(await branchRanges(ledger, tip, open)), ...windows(open)]);
  const ids = await patchesBetween(ledger, ranges);
  const byPatch = new Map<string, Range[]>();
  for (const [i, range] of ranges.entries()) {
    const id = ids[i];
    if (id != null) byPatch.set(id, [...(byPatch.get(id) ?? []), range]);
  }
  const worksIn = worksReader(ledger, open);
  return async (commit) => {
    const change = changeOf(commit);
    if (change === null) return [];
    const made = await patchBetween(ledger, change);
    const same = made === null ? [] : (byPatch.get(made) ?? []);
    const found = await Promise.all(same.map(worksIn));
    return [...byTrees(open, change), ...found].filter(({ works }) => works.length > 0);
  };
}

/** From where a branch left the history the commit is in, up to each of its commits that has a record, and to its end. */
async function branchRanges(ledger: Ledger, tip: string, open: readonly Work[]): Promise<Range[]> {
  const tips = await unmergedTips(ledger.repo, tip, MOST_TIPS);
  const heads = new Set([...open.map(({ from }) => from).slice(-MOST_HEADS), ...tips]);
  const ranges: Range[] = [];
  for (const head of heads) {
    const end = await readCommit(ledger.reader, head);
    const base = end === null ? null : await mergeBase(ledger.repo, tip, head);
    if (end === null) continue;
    const start = base === null ? null : await readCommit(ledger.reader, base);
    ranges.push({ base, head, from: start?.tree ?? null, to: end.tree });
  }
  return ranges;
}

/** A person may have squashed a part of a branch: from any record of a transaction to any later one. */
function windows(open: readonly Work[]): Range[] {
  const byTxn = new Map<string, Work[]>();
  for (const work of open) byTxn.set(work.txn, [...(byTxn.get(work.txn) ?? []), work]);
  const ranges: Range[] = [];
  for (const group of byTxn.values()) {
    const works = group.sort((a, b) => a.seq - b.seq);
    for (const [i, first] of works.entries())
      for (const [j, last] of works.entries()) {
        const isWanted = works.length <= MOST_OF_ONE_TXN || i === 0 || j === works.length - 1;
        if (j <= i || !isWanted || last.tree === null || ranges.length >= MOST_WINDOWS) continue;
        ranges.push({ base: first.head.commit, head: last.from, from: first.head.tree, to: last.tree });
      }
  }
  return ranges;
}

function uniqueRanges(ranges: readonly Range[]): Range[] {
  return [...new Map(ranges.map((range) => [`${range.base ?? ''} ${range.head}`, range])).values()];
}

function worksReader(ledger: Ledger, open: readonly Work[]): (range: Range) => Promise<SquashedWorks> {
  return async ({ base, head }) => {
    const commits = await commitsBetween(ledger.repo, { base, head }, MOST_SQUASHED);
    const works = commits === null ? [] : open.filter((work) => isIn(work, commits));
    return { works, range: { base, head } };
  };
}

function isIn({ from, landings }: Work, commits: ReadonlySet<string>): boolean {
  return commits.has(from) || landings.some(({ commit }) => commits.has(commit));
}

/** The trees the records name lead from one to the other in one line: this needs nothing but the ledger. */
function byTrees(
  open: readonly Work[],
  { from, to }: { readonly from: string | null; readonly to: string },
): SquashedWorks[] {
  if (!open.some(({ tree }) => tree === to)) return [];
  const steps = open.map(stepOf);
  const found = stepsBetween(steps, from ?? '', to);
  const works = open.filter(({ digest }) => found.has(digest));
  const begins = new Set(works.map(({ head }) => head.tree));
  if (works.length < 2 || begins.size < works.length) return [];
  const first = works.find(({ head }) => (head.tree ?? '') === (from ?? ''));
  const last = works.find(({ tree }) => tree === to);
  const range = first && last ? { base: first.head.commit, head: last.from } : null;
  return [{ works, range }];
}

function stepOf({ digest, head, tree }: Work): Step {
  const before = head.commit === null ? '' : head.tree;
  return { digest, before: before === null ? [] : [before], after: tree, prev: null };
}
