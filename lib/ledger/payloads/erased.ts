import type { StepTrust } from '../../core/events/trust.ts';
import { groupBy } from '../../core/lists.ts';
import {
  type ErasureRecord,
  isErasure,
  isReadable,
  isSignature,
  type SignatureRecord,
  type StoredRecord,
} from '../../core/records/record.ts';
import { type Ledger, readNote } from '../ledger.ts';
import { type AppendOptions, appendToNotes } from '../notes/append.ts';
import { FIXED_ENTRIES } from '../notes/fixed-entries.ts';

/** A tombstone, and the key of a signature beside it, where there is one. Nobody has checked it here. */
export interface Erasure {
  readonly record: ErasureRecord;
  readonly digest: string;
  readonly signedBy: string | null;
  readonly stored: StoredRecord<ErasureRecord>;
  /** Those beside it. */
  readonly signatures: readonly SignatureRecord[];
}

/** Which transactions were erased: what is said here no merge brings back. */
export interface Erasures {
  readonly txns: ReadonlySet<string>;
  readonly isErased: (txn: string) => boolean;
  /** How it was first erased. */
  readonly of: (txn: string) => Erasure | null;
}

/** How texts were erased, as documents tell it. */
export interface ErasedTexts {
  readonly at: string;
  readonly by: ErasureRecord['by'];
  readonly reason: string;
  /** Public key of the signature; null where there is none. Unless `trust` says more, nobody has checked it. */
  readonly signedBy: string | null;
  readonly trust?: StepTrust;
  readonly isByEraser?: boolean | null;
}

/** What a tombstone says of each of its transactions; null for none. */
export function erasedTexts(erasure: Erasure | null): ErasedTexts | null {
  if (erasure === null) return null;
  const { record, signedBy } = erasure;
  return { at: record.recordedAt, by: record.by, reason: record.reason, signedBy };
}

/** Object id of the entry that holds every tombstone: one look-up tells what was erased, whatever is asked for. */
export function erasureKey(ledger: Pick<Ledger, 'repo'>): string {
  return FIXED_ENTRIES.erasures[ledger.repo.format];
}

/** The erasures the ledger knows of. */
export async function readErasures(ledger: Ledger): Promise<Erasures> {
  const note = await readNote(ledger, erasureKey(ledger));
  const lines = (note?.lines ?? []).filter(isReadable);
  const signatures = lines.filter(isSignature).map(({ record }) => record);
  return foldErasures(lines.filter(isErasure), signatures);
}

/** What tombstones come to, in whatever order they arrive: of two of one transaction the older one tells. */
export function foldErasures(
  stored: readonly StoredRecord<ErasureRecord>[],
  signatures: readonly SignatureRecord[],
): Erasures {
  const signed = groupBy(signatures, ({ record }) => record);
  const byTxn = new Map<string, Erasure>();
  const oldestLast = [...stored].sort((a, b) => (orderOf(a) < orderOf(b) ? 1 : -1));
  for (const tombstone of oldestLast) {
    const { record, digest } = tombstone;
    const beside = signed.get(digest) ?? [];
    const signedBy = beside.at(-1)?.publicKey ?? null;
    for (const { txn } of record.txns)
      byTxn.set(txn, { record, digest, signedBy, stored: tombstone, signatures: beside });
  }
  return {
    txns: new Set(byTxn.keys()),
    isErased: (txn) => byTxn.has(txn),
    of: (txn) => byTxn.get(txn) ?? null,
  };
}

function orderOf({ record, digest }: StoredRecord): string {
  return `${record.id} ${digest}`;
}

/** Adds a tombstone, with its signature, to the ledger in one step. */
export async function appendErasure(
  ledger: Ledger,
  lines: readonly StoredRecord[],
  options: AppendOptions,
): Promise<void> {
  const append = { object: erasureKey(ledger), lines: () => lines.map(({ line }) => line) };
  await appendToNotes(ledger, [append], options);
}
