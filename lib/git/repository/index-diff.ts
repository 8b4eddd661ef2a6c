import type { ObjectFormat } from '../../core/digest.ts';
import type { Entry, EntryDiff } from '../diffs/entry-diff.ts';
import { type GitPlace, runGit } from '../process/runner.ts';

/** One path the index changes against a commit. */
export interface StagedChange {
  readonly path: string;
  /** The path's bytes in base64 when they are not UTF-8. */
  readonly pathBytes?: string;
  readonly change: 'added' | 'modified' | 'deleted' | 'type';
  /** The blob (or submodule commit) that goes in; null for a deletion. */
  readonly blob: string | null;
}

const CHANGES: Readonly<Record<string, StagedChange['change']>> = {
  A: 'added',
  M: 'modified',
  D: 'deleted',
  T: 'type',
};

/** Id of the empty tree, which git knows without storing it. */
export function emptyTree(format: ObjectFormat): string {
  return format === 'sha1'
    ? '4b825dc642cb6eb9a060e54bf8d69288fbee4904'
    : '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321';
}

/** What the index (the one git handed over, if it did) changes against a commit or tree; null when there is none. */
export async function stagedChanges(place: GitPlace, against: string): Promise<StagedChange[] | null> {
  const { code, stdout } = await runGit(place, { args: stagedQuery(against), okCodes: [128] });
  return code === 0 ? parseRawDiff(stdout) : null;
}

export function stagedQuery(against: string): string[] {
  return [
    'diff-index',
    '--cached',
    '--raw',
    '-z',
    '--no-renames',
    '--no-abbrev',
    '--ignore-submodules=none',
    against,
    '--',
  ];
}

export const WRITE_TREE: readonly string[] = ['write-tree'];

/** The tree the index stands for; null when it has unmerged entries and can't be one. */
export async function writeTree(place: GitPlace): Promise<string | null> {
  const { code, stdout } = await runGit(place, { args: WRITE_TREE, okCodes: [128] });
  return code === 0 ? stdout.toString('utf8').trim() : null;
}

/** Parses `git diff --raw -z --no-renames`: `:mode mode oid oid X NUL path NUL`, repeated. */
export function parseRawDiff(bytes: Buffer): StagedChange[] {
  const changes: StagedChange[] = [];
  let at = 0;
  while (at < bytes.length) {
    const headEnd = bytes.indexOf(0, at);
    const pathEnd = bytes.indexOf(0, headEnd + 1);
    if (headEnd < 0 || pathEnd < 0) break;
    const [, , , to, letter] = bytes.toString('latin1', at, headEnd).split(' ');
    changes.push(stagedChange(bytes.subarray(headEnd + 1, pathEnd), letter ?? '', to ?? ''));
    at = pathEnd + 1;
  }
  return changes;
}

function stagedChange(pathBytes: Buffer, letter: string, to: string): StagedChange {
  const path = pathBytes.toString('utf8');
  const change = CHANGES[letter.charAt(0)] ?? 'modified';
  const exact = Buffer.from(path, 'utf8').equals(pathBytes);
  return {
    path,
    change,
    blob: change === 'deleted' ? null : to,
    ...(exact ? {} : { pathBytes: pathBytes.toString('base64') }),
  };
}

/** The same of a path that two trees differ in. */
export function stagedChangeOf({ path, from, to }: EntryDiff): StagedChange {
  return stagedChange(Buffer.from(path, 'latin1'), letterOf(from, to), to?.oid ?? '');
}

/** What was done to a path that two trees differ in. */
export function changeOf(from: Entry | null, to: Entry | null): StagedChange['change'] {
  return CHANGES[letterOf(from, to)] ?? 'modified';
}

/** A file, a link and a submodule are three types of things, whether a file can be run or not. */
function letterOf(from: Entry | null, to: Entry | null): string {
  if (from === null || to === null) return from === null ? 'A' : 'D';
  return from.mode.slice(0, 3) === to.mode.slice(0, 3) ? 'M' : 'T';
}
