import { CSV_LINE_END } from '../../core/csv.ts';
import { parseNote } from '../../core/records/note.ts';
import { isReadable, isRegroup } from '../../core/records/record.ts';
import { foldRegroups, type Regrouping } from '../../core/records/regroup.ts';
import { recordsOf } from '../../ledger/reading/scan.ts';
import type { BoundTo } from '../attest/work.ts';
import { populationHeader, populationRow, type TxnSize, withRecord } from '../exports/population.ts';
import type { WantedRecord } from '../wanted.ts';
import type { BundleFile, Readable } from './evidence.ts';
import { textFile } from './text-file.ts';

type Source = Pick<Readable, 'document' | 'notes'>;

/**
 * population.csv: the records of agents that a bundle has, one row each, as `export csv` writes them. The rows are those of the
 * bundle's own lines and of nobody else's; they say how many they are, and at which commit of the ledger they were read.
 */
export function populationPart(source: Source): BundleFile[] {
  const { records, txnOf } = populationOf(source);
  const txns = new Map<string, TxnSize>();
  for (const { stored } of records) {
    const txn = txnOf(stored.digest, stored.record.txn);
    txns.set(txn, withRecord(txns.get(txn), stored.record.seq));
  }
  const size = { of: records.length, tip: source.document.ledger.tip, txns };
  const rows = records.map((one, i) => {
    const { digest, record } = one.stored;
    return populationRow(one, { row: i + 1, txn: txnOf(digest, record.txn), size });
  });
  const lines = [populationHeader(), ...rows].map((line) => `${line}${CSV_LINE_END}`);
  return [textFile('population.csv', lines.join(''))];
}

interface Population {
  /** Each once, in the order of their notes. */
  readonly records: readonly WantedRecord[];
  readonly txnOf: Regrouping['txnOf'];
}

function populationOf({ document, notes }: Source): Population {
  const read = notes.map(({ object, bytes }) => ({
    object,
    lines: parseNote(Buffer.from(bytes).toString('utf8')),
  }));
  const regroups = read
    .flatMap(({ lines }) => lines)
    .filter(isReadable)
    .filter(isRegroup);
  const landed = new Map(document.changes.map((change) => [change.record, change]));
  const records = new Map<string, WantedRecord>();
  for (const { object, lines } of read)
    for (const { stored, binding } of recordsOf(object, lines)) {
      if (records.has(stored.digest)) continue;
      const noted =
        binding === null ? null : { commit: object, grade: binding.grade, sealed: binding.sealed };
      records.set(stored.digest, { stored, bound: boundNow(landed.get(stored.digest)) ?? noted });
    }
  return {
    records: [...records.values()],
    txnOf: foldRegroups(regroups.map(({ record }) => record)).txnOf,
  };
}

/** Where a record's work is now, if it is shown to be there. */
function boundNow(change: Readable['document']['changes'][number] | undefined): BoundTo | null {
  if (change === undefined || change.binding === 'claimed' || change.binding === 'none') return null;
  return { commit: change.commit, grade: change.binding, sealed: change.sealed };
}
