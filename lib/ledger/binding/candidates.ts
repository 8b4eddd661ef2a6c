import { groupBy } from '../../core/lists.ts';
import {
  type BindingRecord,
  type ExecutionRecord,
  isBinding,
  isExecution,
  isLanding,
  isReadable,
  isSupplement,
  type LandingRecord,
  type StoredRecord,
  type SupplementRecord,
} from '../../core/records/record.ts';
import { type Ledger, type Note, readNote } from '../ledger.ts';
import { oncePerSource } from '../notes/once.ts';
import { notesNamingRecords } from '../reading/find.ts';
import type { BoundWork } from './grade.ts';
import { findLocalRecord } from './pending.ts';

/** An execution record, and what its note says of it. */
export interface Candidate {
  readonly record: StoredRecord<ExecutionRecord>;
  readonly bindings: readonly StoredRecord<BindingRecord>[];
  readonly supplements: readonly SupplementRecord[];
  /** Where its work went, or is said to have gone. */
  readonly landings: readonly LandingRecord[];
}

/** What a record is compared by: the commit it was made as, and those git made of it with another change. */
export function workOf({ record, bindings, landings }: Candidate): BoundWork {
  const elsewhere = landings.filter((landing) => landing.grade === 'modified');
  return { record: record.record, bindings: [...bindings.map((binding) => binding.record), ...elsewhere] };
}

/** Whether git itself said that it made a commit of a record's own, by landings of the one in the other. */
export function isRewrite(landings: readonly LandingRecord[]): boolean {
  return landings.some(({ proof }) => proof === 'rewrite');
}

/** More records than these are looked up for no commit: nobody's note or message makes a reader work without bound. */
export const MOST_NAMED = 1000;

/** The records whose own note this is. */
export function candidatesOf(note: Pick<Note, 'lines'> | null): readonly Candidate[] {
  if (note === null) return [];
  const known = told.get(note) ?? candidatesIn(note);
  told.set(note, known);
  return known;
}

/** What a note that was read once says is asked over and over. */
const told = new WeakMap<Pick<Note, 'lines'>, readonly Candidate[]>();

function candidatesIn(note: Pick<Note, 'lines'>): Candidate[] {
  const records = note.lines.filter(isReadable);
  const [bindings, supplements, landings] = [
    groupBy(records.filter(isBinding), ({ record }) => record.record),
    groupBy(recordsOf(records.filter(isSupplement)), ({ record }) => record),
    groupBy(recordsOf(records.filter(isLanding)), ({ record }) => record),
  ];
  return oncePerSource(unique(records.filter(isExecution))).map((stored) => ({
    record: stored,
    bindings: bindings.get(stored.digest) ?? [],
    supplements: supplements.get(stored.digest) ?? [],
    landings: landings.get(stored.digest) ?? [],
  }));
}

function recordsOf<T>(stored: readonly { readonly record: T }[]): T[] {
  return stored.map(({ record }) => record);
}

function unique<T extends { digest: string }>(records: readonly T[]): T[] {
  return [...new Map(records.map((record) => [record.digest, record])).values()];
}

/** Finds records by digest, in the order asked; those nobody has are left out. */
export type FindRecords = (ledger: Ledger, digests: readonly string[]) => Promise<Candidate[]>;

/** Finds a record by its digest, wherever it is bound or still waits. Null when nobody has it. */
export async function findByDigest(ledger: Ledger, digest: string): Promise<Candidate | null> {
  return (await findByDigests(ledger, [digest]))[0] ?? null;
}

/** Finds records by digest, in the order asked; those nobody has are left out. */
export async function findByDigests(ledger: Ledger, digests: readonly string[]): Promise<Candidate[]> {
  const byDigest = new Map<string, Candidate>();
  for (const digest of digests) {
    const local = await findLocalRecord(ledger.repo, digest);
    if (local !== null) byDigest.set(digest, { record: local, bindings: [], supplements: [], landings: [] });
  }
  const missing = new Set(digests.filter((digest) => !byDigest.has(digest)));
  for (const object of await notesNamingRecords(ledger, [...missing])) {
    for (const candidate of candidatesOf(await readNote(ledger, object)))
      if (missing.delete(candidate.record.digest)) byDigest.set(candidate.record.digest, candidate);
  }
  return digests.flatMap((digest) => byDigest.get(digest) ?? []);
}
