import { type GitPlace, runGit } from '../process/runner.ts';
import { changeCommand, data, inChunks, type PathChange } from './import-stream.ts';

export type { PathChange };

/** A commit made of changed paths, written by one fast-import process that moves the ref only if nobody else did. */
export interface ImportCommit {
  readonly ref: string;
  /** What the ref is believed to be at; null when it must not exist. */
  readonly parent: string | null;
  /** A second history that goes into the commit. The ref may be at it, or at the parent. */
  readonly merge?: string;
  readonly identity: string;
  readonly message: string;
  /** May be gone through more than once. */
  readonly changes: Iterable<PathChange>;
}

/** Objects and refs are on disk before this returns: an acknowledged record survives a power cut. */
export const DURABLE: readonly string[] = [
  '-c',
  'core.fsync=loose-object,pack,pack-metadata,reference',
  '-c',
  // 'batch' is no more than a hope on Linux: git promises it for the file systems of macOS and Windows.
  'core.fsyncMethod=fsync',
];

/** What became of a ref that was to move: `moved` is false when it was moved or locked by somebody else. */
export interface MoveOutcome {
  readonly moved: boolean;
  /** For a person to read. */
  readonly said: string;
}

export interface ImportOutcome extends MoveOutcome {
  /** The commit that was written; the same again for the same changes. Empty when git could not write it. */
  readonly commit: string;
}

/**
 * Writes the commit, and moves the ref only forward: fast-import refuses a tip that does not contain the ref's present
 * one, and takes git's own ref lock.
 */
export async function importCommit(place: GitPlace, commit: ImportCommit): Promise<ImportOutcome> {
  const args = [...DURABLE, 'fast-import', '--quiet', '--done', '--date-format=raw-permissive'];
  const { code, stdout, stderr } = await runGit(place, {
    args,
    stdin: inChunks(commands(commit)),
    okCodes: [1, 128],
  });
  return {
    moved: code === 0,
    commit: stdout.toString('utf8').trim(),
    said: stderr.trim().split('\n')[0] ?? '',
  };
}

/** The stream ends with `done`: a writer killed half-way leaves a stream that git throws away whole. */
function* commands(commit: ImportCommit): Generator<Buffer> {
  yield Buffer.from(`commit ${commit.ref}\nmark :1\ncommitter ${commit.identity}\n`);
  yield* data(Buffer.from(commit.message));
  if (commit.parent !== null) yield Buffer.from(`from ${commit.parent}\n`);
  if (commit.merge !== undefined) yield Buffer.from(`merge ${commit.merge}\n`);
  for (const change of commit.changes) yield* changeCommand(change);
  yield Buffer.from('get-mark :1\ndone\n');
}

/** Stores blobs that no commit names yet, as durably as a commit. Throws GIT_FAILED. */
export async function importBlobs(place: GitPlace, contents: Iterable<Buffer>): Promise<void> {
  const args = [...DURABLE, 'fast-import', '--quiet', '--done'];
  await runGit(place, { args, stdin: inChunks(blobCommands(contents)) });
}

function* blobCommands(contents: Iterable<Buffer>): Generator<Buffer> {
  for (const content of contents) {
    yield Buffer.from('blob\n');
    yield* data(content);
  }
  yield Buffer.from('done\n');
}
