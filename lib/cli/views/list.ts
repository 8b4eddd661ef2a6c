import { escapeTerminal } from '../../core/escape.ts';
import { shortOid } from '../../core/oid.ts';
import type { Regrouping } from '../../core/records/regroup.ts';
import { type ErasedTexts, type Erasures, erasedTexts } from '../../ledger/payloads/erased.ts';
import type { ScannedRecord } from '../../ledger/reading/scan.ts';
import type { Paint } from '../terminal/io.ts';
import { type ListLine, listLines } from './list-lines.ts';
import { count, localTime, oneLine } from './text.ts';

export interface ListedRecord extends ScannedRecord {
  /** First line of the commit's message; null when the commit is not here. */
  readonly subject: string | null;
  /** How the texts of its transaction were erased; null when they were not. */
  readonly erased: ErasedTexts | null;
}

export interface TxnRow {
  readonly txn: string;
  readonly first: string;
  readonly last: string;
  readonly records: number;
  /** As they were made: fewer than records where one was amended. */
  readonly commits: number;
  readonly agent: string;
  /** The least firm of its records; null when all were seen being made. */
  readonly assurance: 'asserted' | 'imported' | null;
  readonly sponsor: { readonly name: string; readonly email: string } | null;
  /** How texts of one of its records were erased; null when none were. */
  readonly erased: ErasedTexts | null;
}

/** A commit of an agent a line: when, commit, agent, sponsor, subject. */
export function renderRecords(records: readonly ListedRecord[], paint: Paint, columns: number): string {
  if (records.length === 0) return 'No records.\n';
  return listLines(records)
    .map((line) => {
      const { object, known: record, subject, erased } = line.record;
      const who = oneLine(record.agent.name, 14).padEnd(14);
      const sponsor = oneLine(record.sponsor?.name ?? 'nobody', 14).padEnd(14);
      const mark = rewritingMark(line, columns) + markOf(record.capture.assurance) + erasedMark(erased);
      const room = Math.max(7, columns - 62 - mark.length);
      const text = subject === null ? '(commit not here)' : oneLine(subject, room);
      return `${paint.faint(localTime(record.recordedAt))}  ${paint.name(shortOid(object))}  ${who}  ${sponsor}  ${paint.warn(mark)}${text}\n`;
    })
    .join('');
}

/** Room for the commit that was amended beside a subject that can be read. */
const WITH_COMMIT = 100;

/** Says what a line stands for beside its own record. */
function rewritingMark({ amended, works, isReplaced }: ListLine<ListedRecord>, columns: number): string {
  const [last, ...before] = amended;
  return [
    works > 1 ? `(${works} records) ` : '',
    last === undefined ? '' : `(${columns < WITH_COMMIT ? 'amended' : amends(last, before.length)}) `,
    isReplaced ? '(amended since) ' : '',
  ].join('');
}

function amends(last: string, before: number): string {
  return `amends ${shortOid(last)}${before > 0 ? ` and ${before} more` : ''}`;
}

/** Says of a record that was written after the fact what it rests on. */
function markOf(assurance: TxnRow['assurance'] | undefined): string {
  return assurance == null ? '' : `(${assurance}) `;
}

function erasedMark(erased: ErasedTexts | null): string {
  return erased === null ? '' : '(texts erased) ';
}

/** `2 commits`, or `2 asserted` where that is all there is to say for them. */
function sizeOf({ commits, records, assurance }: TxnRow, paint: Paint): string {
  if (assurance === null) return count(commits, 'commit').padEnd(10);
  return paint.warn(`${records} ${assurance}`.padEnd(10));
}

/** Room for a sponsor's whole name beside the longer names of agents. */
const WIDE = 90;

/** One transaction a line, newest first. */
export function renderTxns(rows: readonly TxnRow[], paint: Paint, columns: number): string {
  if (rows.length === 0) return 'No transactions.\n';
  const agentWidth = columns < WIDE ? 11 : 14;
  return rows
    .map((row) => {
      const mark = erasedMark(row.erased);
      const sponsor = oneLine(
        row.sponsor?.name ?? 'nobody',
        Math.max(8, columns - 60 - agentWidth - mark.length),
      );
      return `${paint.faint(localTime(row.last))}  ${paint.name(row.txn)}  ${sizeOf(row, paint)}  ${escapeTerminal(row.agent).slice(0, agentWidth).padEnd(agentWidth)}  ${paint.warn(mark)}${sponsor}\n`;
    })
    .join('');
}

/** Groups records, newest first, by the transaction they belong to now. */
export function txnRows(
  records: readonly ScannedRecord[],
  regroups: Regrouping,
  erasures: Erasures,
): TxnRow[] {
  const groups = new Map<string, ScannedRecord[]>();
  for (const record of records) {
    const txn = regroups.txnOf(record.stored.digest, record.stored.record.txn);
    const group = groups.get(txn);
    if (group) group.push(record);
    else groups.set(txn, [record]);
  }
  return [...groups].map(([txn, group]) => txnRow(txn, group, erasures));
}

function txnRow(txn: string, group: readonly ScannedRecord[], erasures: Erasures): TxnRow {
  const times = group.map(({ stored }) => stored.record.recordedAt).sort();
  const record = group[0]?.stored.record;
  const sponsor = record?.sponsor ?? null;
  const erasedOne = group.find(({ stored }) => erasures.isErased(stored.record.txn));
  return {
    txn,
    first: times[0] ?? '',
    last: times.at(-1) ?? '',
    records: group.length,
    commits: commitsOf(group),
    agent: record?.agent.name ?? '',
    assurance: leastFirm(group),
    sponsor: sponsor === null ? null : { name: sponsor.name, email: sponsor.email },
    erased: erasedTexts(erasedOne === undefined ? null : erasures.of(erasedOne.stored.record.txn)),
  };
}

function commitsOf(group: readonly ScannedRecord[]): number {
  const amended = new Set(group.map(({ stored }) => stored.record.amends));
  return new Set(group.map(({ object }) => object).filter((commit) => !amended.has(commit))).size;
}

function leastFirm(group: readonly ScannedRecord[]): TxnRow['assurance'] {
  const words = new Set(group.map(({ stored }) => stored.record.capture.assurance));
  return words.has('asserted') ? 'asserted' : words.has('imported') ? 'imported' : null;
}
