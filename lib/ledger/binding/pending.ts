import { readdir, rename, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { digestHex } from '../../core/digest.ts';
import {
  type ExecutionRecord,
  isExecution,
  isReadable,
  MAX_LINE_BYTES,
  parseLine,
  type StoredRecord,
} from '../../core/records/record.ts';
import { agentLogDir, type Repository } from '../../git/repository/repository.ts';
import { makeFolder, readRegularFile, removeFile, writeFileAtomically } from '../notes/files.ts';
import { type Level, levelOf } from '../payloads/level.ts';

/** A sealed record that waits for its commit. */
export interface Pending extends StoredRecord<ExecutionRecord> {
  /** When it was written, in milliseconds since 1970, by the file system's clock. */
  readonly writtenAt: number;
  /** The level in force when it was made: of its texts, no more is ever stored. */
  readonly level: Level;
}

const MAX_LEVEL_BYTES = 16;
const BOUND_KEPT_MS = 24 * 60 * 60 * 1000;

/** The acknowledgement: once this returns, the record survives whatever happens next. */
export async function writePending(
  repo: Repository,
  stored: StoredRecord<ExecutionRecord>,
  level: Level,
): Promise<void> {
  await writeFileAtomically(pendingPath(repo, stored.digest), `${stored.line}\n${level}\n`, true);
}

/** Records that wait, oldest first. A file that does not hash to its name is left alone. */
export async function listPending(repo: Repository): Promise<Pending[]> {
  const names = await pendingNames(repo);
  const all = await Promise.all(
    names.map((name) => readPending(join(pendingDir(repo), name), `sha256:${name}`)),
  );
  return all.filter((pending) => pending !== null).sort((a, b) => a.writtenAt - b.writtenAt);
}

export async function pendingNames(repo: Repository): Promise<string[]> {
  return recordsIn(pendingDir(repo));
}

async function recordsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => /^[0-9a-f]{64}$/.test(name));
}

/** Reads a record by digest from those that wait or were set aside; null when it is in neither. */
export async function findLocalRecord(repo: Repository, digest: string): Promise<Pending | null> {
  const waiting = await readPending(pendingPath(repo, digest), digest);
  return waiting ?? readPending(join(unusedDir(repo), digestHex(digest)), digest);
}

/**
 * Ends the waiting of a record that is in the ledger. For a day its file is kept: git promises nothing to whoever writes
 * while somebody prunes all that is new.
 */
export async function removePending(repo: Repository, digest: string): Promise<void> {
  await makeFolder(boundDir(repo));
  const kept = join(boundDir(repo), digestHex(digest));
  // What counts from here is when it was bound.
  const moved = rename(pendingPath(repo, digest), kept).then(() => utimes(kept, new Date(), new Date()));
  await moved.catch((error: NodeJS.ErrnoException) => {
    // Another process was faster, or the disk has no room for a name: then the ledger alone has it.
    return error.code === 'ENOENT' ? undefined : removeFile(pendingPath(repo, digest));
  });
}

/** Lets every record wait again that was bound within a day: binding finds what is in the ledger already. */
export async function takeBackBound(repo: Repository): Promise<void> {
  for (const name of await recordsIn(boundDir(repo)))
    await rename(join(boundDir(repo), name), join(pendingDir(repo), name)).catch(() => undefined);
}

/** Drops the files of records that have been in the ledger for a day. */
export async function dropBound(repo: Repository): Promise<void> {
  for (const name of await recordsIn(boundDir(repo))) {
    const path = join(boundDir(repo), name);
    const info = await stat(path).catch(() => null);
    if (info !== null && Math.abs(Date.now() - info.mtimeMs) > BOUND_KEPT_MS) await removeFile(path);
  }
}

/** Puts a record aside whose commit never came (an aborted editor): it is kept, and no longer looked for. */
export async function setAside(repo: Repository, digest: string): Promise<void> {
  await makeFolder(unusedDir(repo));
  await rename(pendingPath(repo, digest), join(unusedDir(repo), digestHex(digest))).catch(() => undefined);
}

/** Digests of the records put aside. */
export async function unusedDigests(repo: Repository): Promise<string[]> {
  return (await recordsIn(unusedDir(repo))).map((name) => `sha256:${name}`);
}

/** Lets a record wait again whose commit came after all. */
export async function takeBack(repo: Repository, digest: string): Promise<void> {
  await rename(join(unusedDir(repo), digestHex(digest)), pendingPath(repo, digest)).catch(() => undefined);
}

async function readPending(path: string, digest: string): Promise<Pending | null> {
  const bytes = await readRegularFile(path, MAX_LINE_BYTES + MAX_LEVEL_BYTES);
  if (bytes === null) return null;
  const [line = '', level] = bytes.toString('utf8').split('\n', 2);
  const parsed = parseLine(line);
  if (!isReadable(parsed) || !isExecution(parsed) || parsed.digest !== digest) return null;
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }));
  return { ...parsed, writtenAt: mtimeMs, level: levelOf(level === '' ? undefined : level) };
}

function pendingDir(repo: Repository): string {
  return join(agentLogDir(repo), 'pending');
}

function boundDir(repo: Repository): string {
  return join(agentLogDir(repo), 'bound');
}

function unusedDir(repo: Repository): string {
  return join(agentLogDir(repo), 'unused');
}

function pendingPath(repo: Repository, digest: string): string {
  return join(pendingDir(repo), digestHex(digest));
}
