import { readTree } from '../../git/objects.ts';
import type { Ledger } from '../ledger.ts';
import { badPayload } from './bad-payload.ts';
import type { WrappedKey } from './data-key.ts';
import { parseEntry, type StoredEntry } from './entry.ts';
import { KEYS_REF, PAYLOADS_REF, txnFolder } from './paths.ts';
import { parseWrappedKey } from './wrapped-key.ts';

type Reading = Pick<Ledger, 'reader'>;

/** What the store holds of a transaction. */
export interface StoredTxn {
  readonly entries: readonly StoredEntry[];
  readonly keys: readonly WrappedKey[];
  /** What is there and can't be read as what it should be. */
  readonly problems: readonly unknown[];
}

/** No one transaction has as many; what is over is not looked at. */
const MAX_ENTRIES = 20_000;

/** Everything stored of a transaction, still sealed. */
export async function readTxn(ledger: Reading, txn: string): Promise<StoredTxn> {
  const [payloads, keys] = await Promise.all([
    blobsOf(ledger, PAYLOADS_REF, txn),
    blobsOf(ledger, KEYS_REF, txn),
  ]);
  const problems: unknown[] = [];
  const entries = payloads.flatMap((bytes) => {
    try {
      const entry = parseEntry(bytes);
      if (entry.header.txn === txn) return [entry];
      throw badPayload('it is that of another transaction');
    } catch (error) {
      problems.push(error);
      return [];
    }
  });
  return { entries, keys: keys.flatMap((bytes) => keyOf(bytes, txn)), problems };
}

/** Digests of the texts that are stored of a transaction, or are said to be left out of it. */
export function storedDigests({ entries }: StoredTxn): ReadonlySet<string> {
  return new Set(
    entries.flatMap(({ header: { texts, left = [] } }) => [...texts, ...left.map(({ digest }) => digest)]),
  );
}

function keyOf(bytes: Buffer, txn: string): WrappedKey[] {
  const key = parseWrappedKey(bytes);
  return key?.txn === txn ? [key] : [];
}

async function blobsOf({ reader }: Reading, ref: string, txn: string): Promise<Buffer[]> {
  const entries = (await readTree(reader, `${ref}:${txnFolder(txn)}`)) ?? [];
  const blobs = await Promise.all(entries.slice(0, MAX_ENTRIES).map(({ oid }) => reader.read(oid)));
  return blobs.flatMap((blob) => (blob?.type === 'blob' ? [blob.content] : []));
}
