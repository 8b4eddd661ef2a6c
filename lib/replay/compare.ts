import type { ChangedFile, ExecutionRecord } from '../core/generated/execution-v1.types.ts';
import type { Entry, EntryDiff } from '../git/diffs/entry-diff.ts';
import { changeOf } from '../git/repository/index-diff.ts';
import type { Difference } from './outcome.ts';

/** A path's bytes in latin1, as a tree has it. */
function bytesOf({ path, pathBytes }: Pick<ChangedFile, 'path' | 'pathBytes'>): string {
  if (pathBytes === undefined && ASCII.test(path)) return path;
  return Buffer.from(pathBytes ?? path, pathBytes === undefined ? 'utf8' : 'base64').toString('latin1');
}

/** Most paths are the same in every encoding. */
const ASCII = /^[ -~]*$/;

/** What a tree has at a path (bytes in latin1). */
type At = (path: string) => Promise<Entry | null>;

/**
 * Where the files a record lists and what two trees differ in are not the same. None means that the first tree with the
 * listed files replaced is the second one: the record knows no modes, so of a listed file the mode is the tree's, as long
 * as it stays the type of thing the record says. `at` looks into the second tree.
 */
export async function unlike(
  files: readonly ChangedFile[],
  diffs: readonly EntryDiff[],
  at: At,
): Promise<Difference[]> {
  const listed = new Map(files.map((file) => [bytesOf(file), file]));
  const found: Difference[] = [];
  for (const diff of diffs) {
    const file = listed.get(diff.path);
    if (file === undefined) found.push(difference(diff.path, textOf(diff.from), textOf(diff.to)));
    else if (!agrees(file, diff)) found.push(difference(diff.path, leftBy(file), textOf(diff.to)));
    listed.delete(diff.path);
  }
  for (const [path, file] of listed) found.push(difference(path, leftBy(file), textOf(await at(path))));
  return found;
}

/**
 * Where what a commit changes is not what several records left in their files, taken together. A file one of them made and
 * another took back need not be a change at all.
 */
export async function unlikeAll(
  records: readonly Pick<ExecutionRecord, 'files'>[],
  diffs: readonly EntryDiff[],
  at: At,
): Promise<Difference[]> {
  const left = new Map(
    records.flatMap(({ files }) => files.map((file) => [bytesOf(file), leftBy(file)] as const)),
  );
  const found: Difference[] = [];
  for (const { path, from, to } of diffs) {
    const expected = left.get(path);
    if (expected === undefined) found.push(difference(path, textOf(from), textOf(to)));
    else if (expected !== (to?.oid ?? null)) found.push(difference(path, expected, textOf(to)));
    left.delete(path);
  }
  for (const [path, expected] of left) {
    const there = await at(path);
    if ((there?.oid ?? null) !== expected) found.push(difference(path, expected, textOf(there)));
  }
  return found;
}

function agrees({ change, blob }: ChangedFile, { from, to }: EntryDiff): boolean {
  return changeOf(from, to) === change && (to?.oid ?? null) === blob;
}

/** What a record leaves at a path: an id, or nothing. */
function leftBy({ change, blob }: Pick<ChangedFile, 'change' | 'blob'>): string | null {
  return change === 'deleted' ? null : blob;
}

function textOf(entry: Entry | null): string | null {
  return entry === null ? null : `${entry.mode} ${entry.oid}`;
}

/** Where a tree is not like the one that is expected. */
export function differencesOf(diffs: readonly EntryDiff[]): Difference[] {
  return diffs.map(({ path, from, to }) => difference(path, textOf(from), textOf(to)));
}

/** A difference at a path that is bytes in latin1. */
function difference(bytes: string, expected: string | null, found: string | null): Difference {
  const raw = Buffer.from(bytes, 'latin1');
  const path = raw.toString('utf8');
  const exact = Buffer.from(path, 'utf8').equals(raw);
  return { path, ...(exact ? {} : { pathBytes: raw.toString('base64') }), expected, found };
}
