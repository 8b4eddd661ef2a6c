import { groupBy } from '../../core/lists.ts';
import {
  type ApprovalRecord,
  type CheckpointRecord,
  type DecisionRecord,
  type EventRecord,
  encodeRecord,
  isApproval,
  isCheckpoint,
  isDecision,
  isEvent,
  isMergeRequest,
  isReadable,
  isSignature,
  type LedgerRecord,
  type MergeRequestRecord,
  type SignatureRecord,
  type StoredRecord,
} from '../../core/records/record.ts';
import type { ToldKind } from '../index/facts.ts';
import { type Ledger, type Note, readNote } from '../ledger.ts';
import { type AppendOptions, appendToNotes, type NoteAppend } from '../notes/append.ts';
import { FIXED_ENTRIES } from '../notes/fixed-entries.ts';
import { notesTelling } from '../reading/find.ts';
import { notesOn } from '../reading/scan.ts';

/** A line about a change, where it stands, and the signatures of it beside it: whose they are nobody has checked yet. */
export interface Told<R extends LedgerRecord> {
  readonly object: string;
  readonly stored: StoredRecord<R>;
  readonly signatures: readonly SignatureRecord[];
}

interface ToldRecords {
  readonly decision: DecisionRecord;
  readonly approval: ApprovalRecord;
  readonly mr: MergeRequestRecord;
  readonly event: EventRecord;
  readonly checkpoint: CheckpointRecord;
}

const IS: {
  readonly [K in keyof ToldRecords]: (stored: StoredRecord) => stored is StoredRecord<ToldRecords[K]>;
} = {
  decision: isDecision,
  approval: isApproval,
  mr: isMergeRequest,
  event: isEvent,
  checkpoint: isCheckpoint,
};

/**
 * The lines of a type on one note, oldest first, each once. A decision or an approval on a note other than that of its head was
 * put there by somebody else, and is none.
 */
export function toldOn<K extends keyof ToldRecords>(note: Note | null, kind: K): Told<ToldRecords[K]>[] {
  return note === null ? [] : toldIn(note, kind);
}

/** The same of the lines of a note that is not written yet. */
export function toldIn<K extends keyof ToldRecords>(
  note: Pick<Note, 'object' | 'lines'>,
  kind: K,
): Told<ToldRecords[K]>[] {
  const records = note.lines.filter(isReadable);
  const signatures = groupBy(
    records.filter(isSignature).map(({ record }) => record),
    ({ record }) => record,
  );
  const own = records.filter(IS[kind]).filter(({ record }) => isAtHome(record, note.object));
  const told = new Map(own.map((stored) => [stored.digest, stored]));
  return [...told.values()].sort(inOrder).map((stored) => ({
    object: note.object,
    stored,
    signatures: signatures.get(stored.digest) ?? [],
  }));
}

function isAtHome(record: ToldRecords[keyof ToldRecords], object: string): boolean {
  const isOfHead = record.schema === 'agent-log/decision/v1' || record.schema === 'agent-log/approval/v1';
  return !isOfHead || record.subject.head === object;
}

/**
 * Whether anything was ever told of changes here. The first of it is told on a note of its own, too: so whoever shows a commit
 * of a repository that has no policy pays for one look-up, and for no index.
 */
export async function hasTold(ledger: Pick<Ledger, 'repo' | 'reader'>): Promise<boolean> {
  return (await readNote(ledger, firstKey(ledger))) !== null;
}

/** Whether a note says only that something is told elsewhere. */
export function isFirstTelling(ledger: Pick<Ledger, 'repo'>, object: string): boolean {
  return object === firstKey(ledger);
}

function firstKey({ repo }: Pick<Ledger, 'repo'>): string {
  return FIXED_ENTRIES.told[repo.format];
}

/** All lines of a type in the ledger, or those that name a transaction; oldest first, each once. */
export async function readTold<K extends ToldKind>(
  ledger: Ledger,
  kind: K,
  txn?: string,
): Promise<Told<ToldRecords[K]>[]> {
  const found = new Map<string, Told<ToldRecords[K]>>();
  const objects = (await notesTelling(ledger, kind, txn)).filter((one) => !isFirstTelling(ledger, one));
  for await (const note of notesOn(ledger, objects))
    for (const told of toldOn(note, kind))
      if (txn === undefined || namesTxn(told.stored.record, txn)) found.set(told.stored.digest, told);
  return [...found.values()].sort((a, b) => inOrder(a.stored, b.stored));
}

function namesTxn(record: ToldRecords[ToldKind], txn: string): boolean {
  return 'txns' in record ? record.txns.includes(txn) : record.txn === txn;
}

/** Two with one id, in a ledger somebody made up, come in one order all the same. */
function inOrder(a: StoredRecord, b: StoredRecord): number {
  if (a.record.id !== b.record.id) return a.record.id < b.record.id ? -1 : 1;
  return a.digest < b.digest ? -1 : 1;
}

/** Lines for one object's note: records, and the signatures of them. */
export interface Telling {
  readonly object: string;
  readonly records: readonly LedgerRecord[];
}

/** Adds lines to notes in one commit of the ledger. What stands there already is not said again. */
export async function appendTold(
  ledger: Ledger,
  tellings: readonly Telling[],
  options: AppendOptions,
): Promise<void> {
  const appends = tellings.map(({ object, records }) => {
    const lines = records.map((record) => encodeRecord(record).line);
    return {
      object,
      lines: (present: readonly string[]) => {
        const known = new Set(present);
        return lines.filter((line) => !known.has(line));
      },
    };
  });
  const first = appends.flatMap(({ lines }) => lines([]))[0];
  await appendToNotes(ledger, [...appends, ...firstTelling(ledger, first)], options);
}

/** What has to be appended along with a line about a change, for hasTold to hear of it. */
export function firstTelling(ledger: Ledger, line: string | undefined): NoteAppend[] {
  if (line === undefined) return [];
  return [{ object: firstKey(ledger), lines: (present) => (present.length > 0 ? [] : [line]) }];
}
