import { KIND } from './index/facts.ts';
import { askIndex } from './index/open.ts';
import type { Row } from './index/rows.ts';
import { PREFIX_BYTES } from './index/rows.ts';
import type { StoredIndex } from './index/store.ts';
import type { Ledger } from './ledger.ts';
import { notesHolding } from './scan.ts';

/** Objects whose notes may hold the execution record with a digest, or a line that names it: those with the record first. */
export async function notesNamingRecord(ledger: Ledger, digest: string): Promise<readonly string[]> {
  const digits = digest.slice('sha256:'.length).slice(0, PREFIX_BYTES * 2);
  const rows = await askIndex(ledger, ({ head, base }) => [
    ...base.ofRecord(digits),
    ...[...head.added].filter((row) => row.record === digits),
  ]);
  return rows === null ? notesHolding(ledger, [digest]) : objectsOf(rows);
}

/** Objects whose notes may hold lines of transactions whose ids begin so. */
export async function notesOfTxns(ledger: Ledger, prefixes: readonly string[]): Promise<readonly string[]> {
  if (prefixes.length === 0) return [];
  const rows = await askIndex(ledger, (index) => prefixes.flatMap((prefix) => rowsOfTxn(index, prefix)));
  return rows === null
    ? notesHolding(
        ledger,
        prefixes.map((prefix) => `"txn":"${prefix}`),
      )
    : objectsOf(rows);
}

function rowsOfTxn({ head, base }: StoredIndex, prefix: string): Row[] {
  return [...base.ofTxn(prefix), ...[...head.added].filter(({ txn }) => txn.startsWith(prefix))];
}

function objectsOf(rows: readonly Row[]): string[] {
  const own = rows.filter(({ kind }) => kind === KIND.execution);
  return [...new Set([...own, ...rows].map(({ object }) => object))];
}
