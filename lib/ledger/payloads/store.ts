import { readTree } from '../../git/objects/objects.ts';
import type { Ledger } from '../ledger.ts';
import { badPayload } from './bad-payload.ts';
import { readBlobs, type WantedBlob } from './blobs.ts';
import type { WrappedKey } from './data-key.ts';
import { MAX_ENTRY_BYTES, parseEntry, type StoredEntry } from './entry.ts';
import { KEYS_REF, PAYLOADS_REF, txnFolder } from './paths.ts';
import { MAX_WRAPPED_BYTES, parseWrappedKey } from './wrapped-key.ts';

type Reading = Pick<Ledger, 'repo' | 'reader'>;

/** What the store holds of a transaction. */
export interface StoredTxn {
  readonly entries: readonly StoredEntry[];
  readonly keys: readonly WrappedKey[];
  /** What is there and can't be read as what it should be. */
  readonly problems: readonly unknown[];
}

/** No one transaction has as many; what is over is not looked at. */
const MAX_ENTRIES = 20_000;
const MAX_TXN_BYTES = 256 * 1024 * 1024;

/** Everything stored of a transaction, still sealed. `onFound` is called as soon as it is known that there is something. */
export async function readTxn(ledger: Reading, txn: string, onFound?: () => void): Promise<StoredTxn> {
  const [payloads, keys] = await Promise.all([
    entriesOf(ledger, PAYLOADS_REF, txn, MAX_ENTRY_BYTES),
    entriesOf(ledger, KEYS_REF, txn, MAX_WRAPPED_BYTES),
  ]);
  if (payloads.length > 0) onFound?.();
  const blobs = await readBlobs(ledger, [...keys, ...payloads], MAX_TXN_BYTES);
  const problems: unknown[] = [];
  const entries = blobs.slice(keys.length).flatMap((bytes) => {
    try {
      if (bytes === null) throw badPayload('it is none, or larger than any payload');
      const entry = parseEntry(bytes);
      if (entry.header.txn === txn) return [entry];
      throw badPayload('it is that of another transaction');
    } catch (error) {
      problems.push(error);
      return [];
    }
  });
  return { entries, keys: blobs.slice(0, keys.length).flatMap((bytes) => keyOf(bytes, txn)), problems };
}

/** Digests of the texts that are stored of a transaction, or are said to be left out of it. */
export function storedDigests({ entries }: StoredTxn): ReadonlySet<string> {
  return new Set(
    entries.flatMap(({ header: { texts, left = [] } }) => [...texts, ...left.map(({ digest }) => digest)]),
  );
}

function keyOf(bytes: Buffer | null, txn: string): WrappedKey[] {
  const key = bytes === null ? null : parseWrappedKey(bytes);
  return key?.txn === txn ? [key] : [];
}

async function entriesOf({ reader }: Reading, ref: string, txn: string, most: number): Promise<WantedBlob[]> {
  const entries = (await readTree(reader, `${ref}:${txnFolder(txn)}`)) ?? [];
  return entries.slice(0, MAX_ENTRIES).map(({ oid }) => ({ oid, most }));
}
