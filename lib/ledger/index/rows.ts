import type { Fact } from './facts.ts';
import type { Strings } from './strings.ts';

/** Where everything is in a row, and how long it is: rows are all of one size, so that a place in a file is a number. */
const KIND = 0;
const CLASSES = 1;
const AT = 5;
const AGENT = 13;
const MODEL = 17;
const SPONSOR = 21;
const ID = 25;
const TXN = 51;
const RECORD = 77;
const BLOB = 83;
const OBJECT = 89;
/** Fields with the number of a string. */
const STRINGS = [AGENT, MODEL, SPONSOR] as const;
const ULID_LENGTH = 26;

/** As much of a digest as an index keeps, and as a number holds: two that begin alike cost a look, no more. */
export const PREFIX_BYTES = 6;

/** Bytes of a row, in a repository whose object ids have so many. */
export function rowSize(oidBytes: number): number {
  return OBJECT + oidBytes;
}

/** One row where it lies, read as far as it is asked. */
export class Row {
  readonly #bytes: Buffer;
  readonly #at: number;
  readonly #size: number;

  constructor(bytes: Buffer, at: number, size: number) {
    this.#bytes = bytes;
    this.#at = at;
    this.#size = size;
  }

  get kind(): number {
    return this.#bytes.readUInt8(this.#at + KIND);
  }

  get classes(): number {
    return this.#bytes.readUInt32LE(this.#at + CLASSES);
  }

  get at(): number {
    return this.#bytes.readDoubleLE(this.#at + AT);
  }

  get agent(): number {
    return this.#bytes.readUInt32LE(this.#at + AGENT);
  }

  get model(): number {
    return this.#bytes.readUInt32LE(this.#at + MODEL);
  }

  get sponsor(): number {
    return this.#bytes.readUInt32LE(this.#at + SPONSOR);
  }

  get id(): string {
    return this.#text(ID, ULID_LENGTH, 'latin1');
  }

  get txn(): string {
    return this.#text(TXN, ULID_LENGTH, 'latin1');
  }

  /** The first digits of the record's digest. */
  get record(): string {
    return this.#text(RECORD, PREFIX_BYTES, 'hex');
  }

  /** The first digits of the blob the line is in. */
  get blob(): string {
    return this.#text(BLOB, PREFIX_BYTES, 'hex');
  }

  /** The object whose note the line is in. */
  get object(): string {
    return this.#text(OBJECT, this.#size - OBJECT, 'hex');
  }

  #text(offset: number, length: number, encoding: 'latin1' | 'hex'): string {
    const start = this.#at + offset;
    return this.#bytes.toString(encoding, start, start + length);
  }
}

/** Rows one after another, as they are written and read. */
export class Rows {
  readonly size: number;
  #bytes: Buffer;
  #length = 0;

  constructor(oidBytes: number, bytes: Buffer = Buffer.alloc(0)) {
    this.size = rowSize(oidBytes);
    this.#bytes = bytes;
    this.#length = bytes.length - (bytes.length % this.size);
  }

  get count(): number {
    return this.#length / this.size;
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  at(index: number): Row {
    return new Row(this.#bytes, index * this.size, this.size);
  }

  *[Symbol.iterator](): Generator<Row> {
    for (let index = 0; index < this.count; index++) yield this.at(index);
  }

  /** The rows of one kind, with one of some classes (0: with any or none): the others are not even made an object. */
  *ofKind(kind: number, classes: number): Generator<Row> {
    for (let at = 0; at < this.#length; at += this.size)
      if (
        this.#bytes[at + KIND] === kind &&
        (classes === 0 || (this.#bytes.readUInt32LE(at + CLASSES) & classes) !== 0)
      )
        yield new Row(this.#bytes, at, this.size);
  }

  /** Adds what a line tells, of the note of an object in a blob. */
  add(fact: Fact, object: string, blob: string, strings: Strings): void {
    const at = this.#grow();
    const bytes = this.#bytes;
    bytes.writeUInt8(fact.kind, at + KIND);
    bytes.writeUInt32LE(fact.classes >>> 0, at + CLASSES);
    bytes.writeDoubleLE(fact.at, at + AT);
    bytes.writeUInt32LE(strings.idOf(fact.agent), at + AGENT);
    bytes.writeUInt32LE(strings.idOf(fact.model), at + MODEL);
    bytes.writeUInt32LE(strings.idOf(fact.sponsor), at + SPONSOR);
    bytes.write(fact.id, at + ID, ULID_LENGTH, 'latin1');
    bytes.write(fact.txn, at + TXN, ULID_LENGTH, 'latin1');
    bytes.write(fact.record.slice(7, 7 + 2 * PREFIX_BYTES), at + RECORD, 'hex');
    if (blob !== '') bytes.write(blob, at + BLOB, PREFIX_BYTES, 'hex');
    bytes.write(object, at + OBJECT, 'hex');
  }

  /** Adds a row of others, whose strings are numbered alike. */
  copy(rows: Rows, index: number): void {
    const at = this.#grow();
    rows.#bytes.copy(this.#bytes, at, index * this.size, (index + 1) * this.size);
  }

  /** Adds others, whose strings are numbered otherwise: by these are the numbers they have here. */
  append(rows: Rows, ids: readonly number[]): void {
    const start = this.#grow(rows.#length);
    const bytes = this.#bytes;
    rows.bytes.copy(bytes, start);
    for (let at = start; at < this.#length; at += this.size)
      for (const field of STRINGS) {
        const id = ids[bytes.readUInt32LE(at + field)];
        // What is no string has a number of its own.
        if (id !== undefined) bytes.writeUInt32LE(id, at + field);
      }
  }

  /** The first digits of the rows' records' digests, two bytes each as a number: all rows' first ones, then the next. */
  recordDigits(): Uint32Array[] {
    return Array.from({ length: PREFIX_BYTES / 2 }, (_, digit) =>
      new Uint32Array(this.count).map((_, index) =>
        this.#bytes.readUInt16BE(index * this.size + RECORD + digit * 2),
      ),
    );
  }

  /** The rows with these numbers, in that order. Four bytes at a time: a row is shorter than a copy takes to begin. */
  picked(order: Uint32Array): Rows {
    const bytes = Buffer.alloc(order.length * this.size);
    const source = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#length);
    const target = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let to = 0;
    for (const index of order) {
      let from = index * this.size;
      const end = from + this.size;
      for (; from + 4 <= end; from += 4, to += 4) target.setUint32(to, source.getUint32(from));
      for (; from < end; from++, to++) target.setUint8(to, source.getUint8(from));
    }
    return new Rows(this.size - OBJECT, bytes);
  }

  /** Says which blob a row's line is in, where that became known only after. */
  setBlob(index: number, blob: string): void {
    this.#bytes.write(blob, index * this.size + BLOB, PREFIX_BYTES, 'hex');
  }

  #grow(size: number = this.size): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(this.#length, this.#bytes.length * 2, 64 * this.size));
      this.#bytes.copy(larger);
      this.#bytes = larger;
    }
    return at;
  }
}
