import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { AgentLogError } from '../../core/errors.ts';
import { diffEntries } from '../../git/diffs/entry-diff.ts';
import { agentLogDir, type Repository } from '../../git/repository/repository.ts';
import { canStore } from '../../ledger/index/store.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { objectAtPath } from '../../ledger/notes/fanout.ts';
import { readRegularFile, writeFileAtomically } from '../../ledger/notes/files.ts';

/** A record as far as metrics count it, and the object whose note it is on. */
export interface CountedRecord {
  readonly object: string;
  readonly digest: string;
  /** Milliseconds since 1970. */
  readonly recordedAt: number;
  readonly isSponsored: boolean;
}

/** What reading a whole ledger came to, for whoever counts it again. */
export interface Counted {
  /** The commit of the ledger it is of. */
  readonly tip: string;
  /** Every valid record of notes that tell nothing else that is counted. */
  readonly records: readonly CountedRecord[];
  /** Objects of the notes that do, and are read each time. */
  readonly others: readonly string[];
}

const FORMAT = 'agent-log counted 1';
const MAX_BYTES = 256 * 1024 * 1024;
const DIGEST_BYTES = 32;
/** From here on reading everything at once is quicker than telling what is new. */
const MOST_CHANGED = 20_000;

/** Null when there is none that can be believed: nothing but time is lost with it. */
export async function readCounted(repo: Repository): Promise<Counted | null> {
  const bytes = await readRegularFile(pathOf(repo), MAX_BYTES);
  return bytes === null ? null : decodeCounted(bytes, repo.format === 'sha1' ? 20 : 32);
}

/** Keeps it for the next time, where an index may be made, too. Whoever counts meanwhile sees the old one or the new one. */
export async function keepCounted({ repo, indexing }: Ledger, counted: Counted): Promise<void> {
  if (!indexing.build || !canStore(repo)) return;
  const bytes = encodeCounted(counted);
  // A full disk costs the next count its time, and nothing else.
  if (bytes.length <= MAX_BYTES) await writeFileAtomically(pathOf(repo), bytes, false).catch(() => undefined);
}

/** Objects whose notes two commits of the ledger do not have alike; null when git can't tell, or there are too many of them. */
export async function changedNotes(repo: Repository, from: string, to: string): Promise<Set<string> | null> {
  const changed = new Set<string>();
  if (from === to) return changed;
  try {
    for await (const { path } of diffEntries(repo, from, to)) {
      const object = objectAtPath(path, from.length);
      if (object !== null) changed.add(object);
      if (changed.size > MOST_CHANGED) return null;
    }
  } catch (error) {
    if (error instanceof AgentLogError && error.code === 'GIT_FAILED') return null;
    throw error;
  }
  return changed;
}

function pathOf(repo: Repository): string {
  return join(agentLogDir(repo), 'counted');
}

/** One line that says what follows and its digest; then rows of one size: object, digest, time, sponsor; then the other objects. */
export function encodeCounted({ tip, records, others }: Counted): Buffer {
  const oidBytes = tip.length / 2;
  const size = rowSize(oidBytes);
  const body = Buffer.alloc(records.length * size + others.length * oidBytes);
  for (const [i, { object, digest, recordedAt, isSponsored }] of records.entries()) {
    const at = i * size;
    body.write(object, at, 'hex');
    body.write(digest.slice(-2 * DIGEST_BYTES), at + oidBytes, 'hex');
    body.writeDoubleLE(recordedAt, at + oidBytes + DIGEST_BYTES);
    body.writeUInt8(Number(isSponsored), at + size - 1);
  }
  const after = records.length * size;
  for (const [i, object] of others.entries()) body.write(object, after + i * oidBytes, 'hex');
  const head = { format: FORMAT, tip, records: records.length, others: others.length, sha256: sumOf(body) };
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), body]);
}

/** Null for anything that `encodeCounted` did not make, or that was damaged since. */
export function decodeCounted(bytes: Buffer, oidBytes: number): Counted | null {
  const end = bytes.subarray(0, MAX_HEAD).indexOf(10);
  const head = end < 0 ? null : headIn(bytes.toString('utf8', 0, end));
  if (head === null || head.tip.length !== oidBytes * 2) return null;
  const body = bytes.subarray(end + 1);
  const size = rowSize(oidBytes);
  const after = head.records * size;
  if (body.length !== after + head.others * oidBytes || sumOf(body) !== head.sha256) return null;
  const records = Array.from({ length: head.records }, (_, i) => rowAt(body, i * size, oidBytes));
  const others = Array.from({ length: head.others }, (_, i) =>
    body.toString('hex', after + i * oidBytes, after + (i + 1) * oidBytes),
  );
  return { tip: head.tip, records, others };
}

const MAX_HEAD = 1024;

function rowSize(oidBytes: number): number {
  return oidBytes + DIGEST_BYTES + 8 + 1;
}

function rowAt(body: Buffer, at: number, oidBytes: number): CountedRecord {
  const end = at + oidBytes + DIGEST_BYTES;
  return {
    object: body.toString('hex', at, at + oidBytes),
    digest: `sha256:${body.toString('hex', at + oidBytes, end)}`,
    recordedAt: body.readDoubleLE(end),
    isSponsored: body.readUInt8(end + 8) === 1,
  };
}

interface Head {
  readonly tip: string;
  readonly records: number;
  readonly others: number;
  readonly sha256: string;
}

function headIn(text: string): Head | null {
  try {
    const { format, ...head } = JSON.parse(text) as Head & { format: unknown };
    const counts = [head.records, head.others];
    const isRight = format === FORMAT && counts.every((n) => Number.isSafeInteger(n) && n >= 0);
    return isRight && typeof head.tip === 'string' && typeof head.sha256 === 'string' ? head : null;
  } catch {
    return null;
  }
}

function sumOf(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}
