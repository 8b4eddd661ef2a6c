import { digestHex } from '../../core/digest.ts';
import { KIND, kindId, type ToldKind } from '../index/facts.ts';
import { askIndex } from '../index/open.ts';
import type { Row } from '../index/rows.ts';
import { PREFIX_BYTES } from '../index/rows.ts';
import type { StoredIndex } from '../index/store.ts';
import type { Ledger } from '../ledger.ts';
import { notesHolding } from './scan.ts';

/** Objects whose notes may hold the execution records with some digests, or lines that name them: those with a record first. */
export async function notesNamingRecords(
  ledger: Ledger,
  digests: readonly string[],
): Promise<readonly string[]> {
  if (digests.length === 0) return [];
  if (ledger.naming !== undefined) return ledger.naming(digests);
  const digits = new Set(digests.map((digest) => digestHex(digest).slice(0, PREFIX_BYTES * 2)));
  const rows = await askIndex(ledger, ({ head, base }) => [
    ...[...digits].flatMap((some) => [...base.ofRecord(some)]),
    ...[...head.added].filter(({ record }) => digits.has(record)),
  ]);
  // Every bound record is named by the binding beside it, so the text of the ledger tells which note it is in.
  return rows === null ? notesHolding(ledger, digests) : objectsOf(rows);
}

/** Objects whose notes may hold lines of transactions whose ids begin so. */
export async function notesOfTxns(ledger: Ledger, prefixes: readonly string[]): Promise<readonly string[]> {
  if (prefixes.length === 0) return [];
  const rows = await askIndex(ledger, (index) =>
    prefixes.flatMap((prefix) => rowsOfTxn(index, prefix).filter(({ kind }) => kind <= KIND.landing)),
  );
  return rows === null
    ? notesHolding(
        ledger,
        prefixes.map((prefix) => `"txn":"${prefix}`),
      )
    : objectsOf(rows);
}

/** Objects whose notes may hold lines of a type: all of them, or those that name a transaction. */
export async function notesTelling(ledger: Ledger, kind: ToldKind, txn?: string): Promise<readonly string[]> {
  const rows = await askIndex(ledger, (index) =>
    rowsOfTxn(index, txn ?? kindId(kind)).filter((row) => row.kind === KIND[kind]),
  );
  return rows === null
    ? notesHolding(ledger, [txn === undefined ? `"schema":"agent-log/${kind}/v1"` : `"${txn}"`])
    : objectsOf(rows);
}

/** A note, and the id of the first line of a type it has. */
export interface FirstTelling {
  readonly object: string;
  readonly first: string;
}

/** Notes with lines of a type, those that were begun last first. Where there is no index nobody knows when: `first` is after every id. */
export async function notesByFirstTelling(ledger: Ledger, kind: ToldKind): Promise<readonly FirstTelling[]> {
  const firsts = await askIndex(ledger, (index) => {
    const found = new Map<string, string>();
    for (const { object, id } of rowsOfTxn(index, kindId(kind)))
      if (id < (found.get(object) ?? AFTER_ALL)) found.set(object, id);
    return [...found].map(([object, first]) => ({ object, first }));
  });
  if (firsts === null)
    return (await notesTelling(ledger, kind)).map((object) => ({ object, first: AFTER_ALL }));
  return firsts.sort((a, b) => (a.first < b.first ? 1 : -1));
}

const AFTER_ALL = 'a';

function rowsOfTxn({ head, base }: StoredIndex, prefix: string): Row[] {
  return [...base.ofTxn(prefix), ...[...head.added].filter(({ txn }) => txn.startsWith(prefix))];
}

function objectsOf(rows: readonly Row[]): string[] {
  const own = rows.filter(({ kind }) => kind === KIND.execution);
  return [...new Set([...own, ...rows].map(({ object }) => object))];
}
