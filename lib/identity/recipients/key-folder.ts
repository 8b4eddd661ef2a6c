import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readRegularFile, writeFileAtomically } from '../../ledger/notes/files.ts';
import { txnFolder } from '../../ledger/payloads/paths.ts';

/** A folder that holds wrapped keys, one file each. */
export interface KeyFolder {
  read(txn: string, id: string): Promise<Buffer | null>;
  write(txn: string, id: string, bytes: Buffer): Promise<void>;
  destroy(txn: string): Promise<void>;
}

const MAX_BYTES = 256 * 1024;

/** Keys outside git: who erases one erases it for every clone. */
export function keyFolder(path: string): KeyFolder {
  const file = (txn: string, id: string): string => join(path, txnFolder(txn), `${id}.age`);
  return {
    read: (txn, id) => readRegularFile(file(txn, id), MAX_BYTES),
    write: (txn, id, bytes) => writeFileAtomically(file(txn, id), bytes, true),
    destroy: (txn) => rm(join(path, txnFolder(txn)), { recursive: true, force: true }),
  };
}
