import { BlockFile, DamagedIndex, encodeBlocks } from './blocks.ts';
import { type Base, parseStrings, RECORD_ENTRY } from './head.ts';
import { PREFIX_BYTES, Row, Rows } from './rows.ts';

/** The base of an index as a file: its bytes, and what a head says of it. */
export function encodeBase(
  key: string,
  rows: Rows,
  strings: readonly string[],
  oidBytes: number,
): { readonly bytes: Buffer; readonly base: Base } {
  const sorted = sortedByTxn(rows, oidBytes);
  const { bytes, tables } = encodeBlocks(key, [
    { size: rows.size, bytes: sorted.bytes },
    { size: RECORD_ENTRY, bytes: recordEntries(sorted) },
    { size: 1, bytes: Buffer.from(JSON.stringify(strings)) },
  ]);
  const [rowTable, records, stringTable] = tables;
  if (!rowTable || !records || !stringTable) throw new Error('three tables were given');
  return { bytes, base: { key, rows: rowTable, records, strings: stringTable } };
}

/** Few transactions have many rows each: sorting the transactions is quicker than sorting the rows. */
function sortedByTxn(rows: Rows, oidBytes: number): Rows {
  const places = new Map<string, number[]>();
  for (let index = 0; index < rows.count; index++) {
    const { txn } = rows.at(index);
    const known = places.get(txn);
    if (known) known.push(index);
    else places.set(txn, [index]);
  }
  const sorted = new Rows(oidBytes);
  for (const txn of [...places.keys()].sort())
    for (const index of places.get(txn) ?? []) sorted.copy(rows, index);
  return sorted;
}

function recordEntries(rows: Rows): Buffer {
  const keys = Float64Array.from({ length: rows.count }, (_, index) => rows.at(index).recordKey);
  const order = Uint32Array.from(keys, (_, index) => index).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
  const entries = Buffer.alloc(rows.count * RECORD_ENTRY);
  for (const [place, index] of order.entries()) {
    rows.at(index).copyRecord(entries, place * RECORD_ENTRY);
    entries.writeUInt32LE(index, place * RECORD_ENTRY + PREFIX_BYTES);
  }
  return entries;
}

/** The rows of an index's base, found without reading all of them. What it throws where a file is damaged is DamagedIndex. */
export class BaseReader {
  readonly #file: BlockFile;
  readonly #base: Base;

  private constructor(file: BlockFile, base: Base) {
    this.#file = file;
    this.#base = base;
  }

  /** Null when the file is not there, or can't be what the head says. */
  static open(path: string, base: Base): BaseReader | null {
    const file = BlockFile.open(path, base.key);
    if (file === null) return null;
    if (file.holds([base.rows, base.records, base.strings])) return new BaseReader(file, base);
    file.close();
    return null;
  }

  /** What was just made, and need not be on disk. Throws DamagedIndex when it can't be what the head says. */
  static of(bytes: Buffer, base: Base): BaseReader {
    const file = BlockFile.of(bytes, base.key);
    if (!file.holds([base.rows, base.records, base.strings])) throw new DamagedIndex('it is too short');
    return new BaseReader(file, base);
  }

  get count(): number {
    return this.#base.rows.count;
  }

  /** Rows of the transactions whose id begins so. */
  *ofTxn(prefix: string): Generator<Row> {
    const { count } = this.#base.rows;
    for (let index = lowerBound(count, (i) => this.#row(i).txn < prefix); index < count; index++) {
      const row = this.#row(index);
      if (!row.txn.startsWith(prefix)) return;
      yield row;
    }
  }

  /** Rows of the records whose digest begins with these digits: as many as an index keeps. */
  *ofRecord(digits: string): Generator<Row> {
    const { records } = this.#base;
    const digitsAt = (i: number): string => this.#file.entry(records, i).toString('hex', 0, PREFIX_BYTES);
    const first = lowerBound(records.count, (i) => digitsAt(i) < digits);
    for (let index = first; index < records.count && digitsAt(index) === digits; index++)
      yield this.#row(this.#file.entry(records, index).readUInt32LE(PREFIX_BYTES));
  }

  rows(oidBytes: number): Rows {
    return new Rows(oidBytes, this.#file.all(this.#base.rows));
  }

  strings(): string[] {
    const text = this.#file.all(this.#base.strings).toString('utf8');
    const value = parseStrings(text);
    if (value === null) throw new DamagedIndex('its strings are none');
    return value;
  }

  close(): void {
    this.#file.close();
  }

  #row(index: number): Row {
    const { rows } = this.#base;
    if (index >= rows.count) throw new DamagedIndex('it has no such row');
    return new Row(this.#file.entry(rows, index), 0, rows.size);
  }
}

/** The first of `count` numbers that is not before what is looked for. */
function lowerBound(count: number, isBefore: (index: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
