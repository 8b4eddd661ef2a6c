import { BlockFile, DamagedIndex, encodeBlocks } from './blocks.ts';
import { type Base, parseStrings, RECORD_ENTRY } from './head.ts';
import { PREFIX_BYTES, Row, Rows } from './rows.ts';

/** The base of an index as a file: its bytes, and what a head says of it. */
export function encodeBase(
  key: string,
  rows: Rows,
  strings: readonly string[],
): { readonly bytes: Buffer; readonly base: Base } {
  const sorted = sortedByTxn(rows);
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
function sortedByTxn(rows: Rows): Rows {
  const numbers = new Map<string, number>();
  const txns = new Uint32Array(rows.count);
  for (let index = 0; index < rows.count; index++) {
    const { txn } = rows.at(index);
    const number = numbers.get(txn) ?? numbers.size;
    if (number === numbers.size) numbers.set(txn, number);
    txns[index] = number;
  }
  const places = new Uint32Array(numbers.size);
  for (const [place, txn] of [...numbers.keys()].sort().entries()) places[numbers.get(txn) ?? 0] = place;
  const values = txns.map((number) => places[number] ?? 0);
  return rows.picked(sortedBy(asTheyAre(rows.count), values, numbers.size));
}

function recordEntries(rows: Rows): Buffer {
  const digits = rows.recordDigits();
  // From the last digit to the first: what is sorted by one stays so among those that are alike in the next.
  const order = digits.reduceRight<Uint32Array>(
    (sorted, values) => sortedBy(sorted, values, 0x1_00_00),
    asTheyAre(rows.count),
  );
  const entries = Buffer.alloc(rows.count * RECORD_ENTRY);
  for (let place = 0; place < order.length; place++) {
    const [index, at] = [order[place] ?? 0, place * RECORD_ENTRY];
    for (const [i, values] of digits.entries()) entries.writeUInt16BE(values[index] ?? 0, at + i * 2);
    entries.writeUInt32LE(index, at + PREFIX_BYTES);
  }
  return entries;
}

function asTheyAre(count: number): Uint32Array {
  return new Uint32Array(count).map((_, index) => index);
}

/** Numbers in the order of their values, each below `most`; those whose values are alike stay as they are. */
function sortedBy(order: Uint32Array, values: Uint32Array, most: number): Uint32Array {
  const next = new Uint32Array(most + 1);
  for (let i = 0; i < values.length; i++) {
    const after = (values[i] ?? 0) + 1;
    next[after] = (next[after] ?? 0) + 1;
  }
  for (let value = 1; value <= most; value++) next[value] = (next[value] ?? 0) + (next[value - 1] ?? 0);
  const sorted = new Uint32Array(order.length);
  for (let i = 0; i < order.length; i++) {
    const index = order[i] ?? 0;
    const value = values[index] ?? 0;
    const place = next[value] ?? 0;
    next[value] = place + 1;
    sorted[place] = index;
  }
  return sorted;
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
