import type { ApprovalRecord, ChangeSubject } from '../../core/records/record.ts';
import { claimedTrailers } from '../../core/records/trailers.ts';
import { patchIds } from '../../git/diffs/patch-id.ts';
import { treesOnLine } from '../../git/history/first-parents.ts';
import { streamLog } from '../../git/history/log-stream.ts';
import { mergeCommits } from '../../git/merges/merge-trees.ts';
import { readCommit } from '../../git/objects/objects.ts';
import { openScratch } from '../../git/objects/scratch.ts';
import { isAncestor } from '../../git/refs/refs.ts';
import { treeChanges } from '../../git/trees/tree-diff.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Told } from '../../ledger/told/told.ts';

/** Commits of the target whose patch is compared: a squash lies near its tip. */
const MOST_COMPARED = 500;

/** Files that two trees differ in, at most: of more nobody tells. */
const MOST_FILES = 20_000;

/** Tips of the target that are told apart: who spoke when it was at another one says it anew. */
const MOST_SEEN = 50;

type Place = Pick<Ledger, 'repo' | 'reader'>;
/** Where the target was when somebody spoke; null where nobody knows. */
type Seen = ChangeSubject['targetCommit'];

/**
 * Of the places where the target was when somebody said yes to a change, the last first, those since which it got this very change, whatever
 * became of it there, or where it had all of it: what was let in then, and taken back, is not let in again by that yes. `records` are
 * the digests of the change's records.
 */
export async function landedSince(
  place: Place,
  change: ChangeSubject,
  records: readonly string[],
  seen: Iterable<Seen>,
): Promise<ReadonlySet<Seen>> {
  const all = new Set(seen);
  if (all.size === 0 || !(await hasLanded(place, change, records, null))) return new Set();
  const open: Seen[] = [];
  for (const then of [...all].slice(0, MOST_SEEN))
    if (!(await hadRoomFor(place, change, then)) || (await hasLanded(place, change, records, then)))
      open.push(then);
  return new Set([...open, ...[...all].slice(MOST_SEEN)]);
}

/** Where the target was when people said what they said, the last first. */
export function seenBy(told: readonly Told<ApprovalRecord>[]): Seen[] {
  return told
    .map(({ stored }) => stored.record)
    .sort((a, b) => (a.id < b.id ? 1 : -1))
    .map(({ subject }) => subject.targetCommit);
}

/** Whether the change would have changed something where the target was then, which is in its history still. */
async function hadRoomFor(
  { repo, reader }: Place,
  { head, targetCommit }: ChangeSubject,
  then: Seen,
): Promise<boolean> {
  const seen = then === null ? null : await readCommit(reader, then);
  if (seen === null || targetCommit === null) return false;
  if (!(await isAncestor(repo, seen.oid, targetCommit))) return false;
  const scratch = await openScratch(repo, reader);
  try {
    return (await mergeCommits(scratch, seen.oid, head)).tree !== seen.tree;
  } finally {
    await scratch.close();
  }
}

/** By what its commits tell; or as part of something larger, in which nothing tells it apart but what it left in the files. */
async function hasLanded(
  place: Place,
  change: ChangeSubject,
  records: readonly string[],
  since: Seen,
): Promise<boolean> {
  return (await isTold(place, change, records, since)) || hadItsFiles(place, change, since);
}

/** Whether the target was at a commit in which every file of the change is as the change leaves it. */
async function hadItsFiles(
  { repo, reader }: Place,
  { base, tree, head, targetCommit }: ChangeSubject,
  since: Seen,
): Promise<boolean> {
  const from = base === null ? null : await readCommit(reader, base);
  if (from === null || targetCommit === null) return false;
  const not = [head, ...(since === null ? [] : [since])];
  const trees = await treesOnLine(repo, { tip: targetCommit, not }, MOST_COMPARED);
  const pairs = [from.tree, ...trees].map((was) => ({ from: was, to: tree }));
  let own: ReadonlySet<string> | null = null;
  for await (const { changes, total } of treeChanges(repo, pairs, MOST_FILES)) {
    const isWhole = total === changes.length;
    if (own === null) {
      if (!isWhole || total === 0) return false;
      own = new Set(changes.map(({ path }) => path));
    } else if (isWhole && !hasAny(changes, own)) return true;
  }
  return false;
}

function hasAny(changes: readonly { readonly path: string }[], paths: ReadonlySet<string>): boolean {
  return changes.some(({ path }) => paths.has(path));
}

/** By commits that name all of its records, or one with the same patch, or one for each of its own. */
async function isTold(
  { repo }: Place,
  { base, head, targetCommit, patchId }: ChangeSubject,
  records: readonly string[],
  since: Seen,
): Promise<boolean> {
  if (targetCommit === null) return false;
  const left = new Set(records);
  const compared: string[] = [];
  const range = [targetCommit, `^${head}`, ...(since === null ? [] : [`^${since}`])];
  for await (const { oid, parents, message } of streamLog(repo, range, false)) {
    for (const named of claimedTrailers(message).records) left.delete(named);
    if (records.length > 0 && left.size === 0) return true;
    if (parents.length === 1 && compared.length < MOST_COMPARED) compared.push(oid);
  }
  if (patchId === null || compared.length === 0) return false;
  const made = new Set((await patchIds(repo, compared)).values());
  if (made.has(patchId)) return true;
  const own: string[] = [];
  for await (const { oid, parents } of streamLog(repo, [head, ...(base === null ? [] : [`^${base}`])], false))
    if (parents.length === 1) own.push(oid);
  const parts = own.length > made.size ? [] : [...(await patchIds(repo, own)).values()];
  return parts.length > 0 && parts.every((id) => made.has(id));
}
