import { csvRow } from '../../core/csv.ts';
import { escapeTerminal } from '../../core/escape.ts';
import { compileRiskMatcher } from '../../core/risk/risk.ts';
import type { WantedRecord } from '../wanted.ts';

/** What the rows of a population have in common: by it a reader sees that none is missing. */
export interface PopulationSize {
  /** Rows there are. */
  readonly of: number;
  /** The ledger's commit they were read at; null where there is no ledger. */
  readonly tip: string | null;
  /** By transaction: how many of its records there are, and the first and last of their numbers. */
  readonly txns: ReadonlyMap<string, TxnSize>;
}

export interface TxnSize {
  readonly records: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

const COLUMNS = [
  'row',
  'of',
  'ledger_tip',
  'record',
  'recorded_at',
  'txn',
  'seq',
  'txn_first_seq',
  'txn_last_seq',
  'txn_records',
  'prev',
  'commit',
  'binding',
  'sealed',
  'agent',
  'model',
  'sponsor',
  'sponsor_email',
  'sponsor_source',
  'task_ref',
  'classes',
  'files',
  'tool_calls',
  'assurance',
] as const;

type Column = (typeof COLUMNS)[number];
type Cell = string | number | boolean | null;
/** Columns that a record fills by itself. */
type OfRecord = Exclude<
  Column,
  'row' | 'of' | 'ledger_tip' | 'txn' | `txn_${string}` | 'commit' | 'binding' | 'sealed'
>;

/** The first row: names of the columns. */
export function populationHeader(): string {
  return csvRow(COLUMNS);
}

/** One record of a population that somebody draws samples from; `row` counts from 1. */
export function populationRow(
  { stored, bound }: WantedRecord,
  { row, txn, size }: { readonly row: number; readonly txn: string; readonly size: PopulationSize },
): string {
  const cells: Readonly<Record<Column, Cell>> = {
    row,
    of: size.of,
    ledger_tip: size.tip,
    txn,
    txn_first_seq: size.txns.get(txn)?.firstSeq ?? null,
    txn_last_seq: size.txns.get(txn)?.lastSeq ?? null,
    txn_records: size.txns.get(txn)?.records ?? null,
    commit: bound?.commit ?? null,
    binding: bound?.grade ?? null,
    sealed: bound?.sealed ?? null,
    ...ofRecord(stored),
  };
  // A row is a line, and no terminal it is printed on is told anything.
  const shown = (cell: Cell): Cell => (typeof cell === 'string' ? escapeTerminal(cell) : cell);
  return csvRow(COLUMNS.map((name) => shown(cells[name])));
}

function ofRecord({ record, digest }: WantedRecord['stored']): Readonly<Record<OfRecord, Cell>> {
  const { sponsor, agent, model, task, files, toolCalls, capture } = record;
  return {
    record: digest,
    recorded_at: record.recordedAt,
    seq: record.seq,
    prev: record.prev,
    agent: agent.name,
    model: model.name,
    sponsor: sponsor?.name ?? null,
    sponsor_email: sponsor?.email ?? null,
    sponsor_source: sponsor?.source ?? null,
    task_ref: task?.ref ?? null,
    classes: classesOf(files).join(' '),
    files: files.length,
    tool_calls: toolCalls.length,
    assurance: capture.assurance ?? 'recorded',
  };
}

/** What is known of a transaction with one more of its records. */
export function withRecord(size: TxnSize | undefined, seq: number): TxnSize {
  if (size === undefined) return { records: 1, firstSeq: seq, lastSeq: seq };
  const { records, firstSeq, lastSeq } = size;
  return { records: records + 1, firstSeq: Math.min(firstSeq, seq), lastSeq: Math.max(lastSeq, seq) };
}

const matchRisk = compileRiskMatcher();

function classesOf(files: readonly { readonly path: string }[]): string[] {
  return [...new Set(files.flatMap(({ path }) => matchRisk(path)))].sort();
}
