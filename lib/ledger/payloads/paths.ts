import { join } from 'node:path';
import { isUlid } from '../../core/ulid.ts';
import { agentLogDir, type Repository } from '../../git/repository/repository.ts';

export const PAYLOADS_REF = 'refs/agent-log/payloads';
export const KEYS_REF = 'refs/agent-log/keys';

/** The refs without history, in the order they are worked on. */
export const STORE_REFS: readonly string[] = [PAYLOADS_REF, KEYS_REF];

/**
 * The folder of a transaction, the same on both refs. The first digits of a ULID are its time, and nearly the same in all
 * of a year: its last two spread evenly.
 */
export function txnFolder(txn: string): string {
  return `${txn.slice(-2)}/${txn}`;
}

/** An entry lies under the id of its own content: two that differ never meet. */
export function entryPath(txn: string, oid: string): string {
  return `${txnFolder(txn)}/${oid}`;
}

/** The transaction of an entry's path; null for a path no entry has. */
export function txnOfPath(path: string, oid: string): string | null {
  const [, txn = ''] = /^[0-9A-Z]{2}\/([0-9A-Z]{26})\//.exec(path) ?? [];
  return isUlid(txn) && path === entryPath(txn, oid) ? txn : null;
}

/** The transaction whose folder this is; null for another path. */
export function txnOfFolder(path: string): string | null {
  const txn = path.slice(3);
  return isUlid(txn) && path === txnFolder(txn) ? txn : null;
}

/** Held while this clone's texts are stored, or dropped. */
export function packingLock(repo: Repository): string {
  return join(agentLogDir(repo), 'packing.lock');
}
