import { hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

const BLOCK_BYTES = 4096;
const CHECK_BYTES = 16;
const PAYLOAD_BYTES = BLOCK_BYTES - CHECK_BYTES;

/** Entries of one size in a file: which block they begin at, how long each is, and how many there are. */
export interface Table {
  readonly block: number;
  readonly size: number;
  readonly count: number;
}

/**
 * A file of tables in blocks, each with a digest of it, its place and the file's key: what a disk, a crash or another
 * index's file put there instead is noticed where it is read, without reading the rest.
 */
export function encodeBlocks(
  key: string,
  tables: readonly { readonly size: number; readonly bytes: Buffer }[],
): { readonly bytes: Buffer; readonly tables: readonly Table[] } {
  const placed: Table[] = [];
  let blocks = 0;
  for (const { size, bytes } of tables) {
    const count = Math.floor(bytes.length / size);
    placed.push({ block: blocks, size, count });
    blocks += blocksOf(count, size);
  }
  const file = Buffer.alloc(blocks * BLOCK_BYTES);
  for (const [i, { block, size, count }] of placed.entries()) {
    const step = entriesOf(size) * size;
    for (let n = 0; n * step < count * size; n++)
      tables[i]?.bytes.copy(
        file,
        (block + n) * BLOCK_BYTES,
        n * step,
        Math.min((n + 1) * step, count * size),
      );
  }
  for (let block = 0; block < blocks; block++) {
    const bytes = file.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES);
    bytes.write(checkOf(key, block, bytes), PAYLOAD_BYTES, 'hex');
  }
  return { bytes: file, tables: placed };
}

/** Thrown where a block is not what was written: the index is to be made anew. */
export class DamagedIndex extends Error {}

/** Reads such a file block by block; what was read and found whole is remembered. */
export class BlockFile {
  /** A file that is open, or its bytes in memory. */
  readonly #file: number | Buffer;
  readonly #key: string;
  readonly #blocks: number;
  readonly #known = new Map<number, Buffer>();

  private constructor(file: number | Buffer, key: string, size: number) {
    this.#file = file;
    this.#key = key;
    this.#blocks = Math.floor(size / BLOCK_BYTES);
  }

  static of(bytes: Buffer, key: string): BlockFile {
    return new BlockFile(bytes, key, bytes.length);
  }

  /** Null when there is no such file, or what has its name is none. */
  static open(path: string, key: string): BlockFile | null {
    let file: number;
    try {
      file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch {
      return null;
    }
    const info = fstatSync(file);
    if (info.isFile()) return new BlockFile(file, key, info.size);
    closeSync(file);
    return null;
  }

  /** True when all of the tables can be in it. */
  holds(tables: readonly Table[]): boolean {
    return tables.every(({ block, size, count }) => block + blocksOf(count, size) <= this.#blocks);
  }

  /** One entry of a table. Throws DamagedIndex. */
  entry({ block, size }: Table, index: number): Buffer {
    const fit = entriesOf(size);
    const at = (index % fit) * size;
    return this.#block(block + Math.floor(index / fit)).subarray(at, at + size);
  }

  /** All entries of a table, one after another. Throws DamagedIndex. */
  all({ block, size, count }: Table): Buffer {
    const bytes = Buffer.alloc(blocksOf(count, size) * BLOCK_BYTES);
    this.#read(bytes, block * BLOCK_BYTES);
    const step = entriesOf(size) * size;
    for (let n = 0; n * step < count * size; n++) {
      const at = n * BLOCK_BYTES;
      this.#verify(block + n, bytes.subarray(at, at + BLOCK_BYTES));
      // Together where they lie: of a large table a second copy takes as long as all its digests.
      bytes.copyWithin(n * step, at, at + Math.min(step, count * size - n * step));
    }
    return bytes.subarray(0, count * size);
  }

  close(): void {
    if (typeof this.#file === 'number') closeSync(this.#file);
  }

  #read(bytes: Buffer, at: number): void {
    if (typeof this.#file === 'number') readSync(this.#file, bytes, 0, bytes.length, at);
    else this.#file.subarray(at).copy(bytes);
  }

  #block(block: number): Buffer {
    const known = this.#known.get(block);
    if (known !== undefined) return known;
    const bytes = Buffer.alloc(BLOCK_BYTES);
    this.#read(bytes, block * BLOCK_BYTES);
    this.#verify(block, bytes);
    this.#known.set(block, bytes);
    return bytes;
  }

  #verify(block: number, bytes: Buffer): void {
    if (bytes.toString('hex', PAYLOAD_BYTES) !== checkOf(this.#key, block, bytes))
      throw new DamagedIndex(`block ${block} is not what was written`);
  }
}

/** What a digest is made of, one after another in the same bytes. */
let joined = Buffer.alloc(BLOCK_BYTES);

function checkOf(key: string, block: number, bytes: Buffer): string {
  const place = `${key} ${block}\n`;
  if (joined.length < place.length + PAYLOAD_BYTES) joined = Buffer.alloc(place.length + PAYLOAD_BYTES);
  joined.write(place, 'latin1');
  bytes.copy(joined, place.length, 0, PAYLOAD_BYTES);
  return hash('sha256', joined.subarray(0, place.length + PAYLOAD_BYTES)).slice(0, CHECK_BYTES * 2);
}

function entriesOf(size: number): number {
  return Math.floor(PAYLOAD_BYTES / size);
}

function blocksOf(count: number, size: number): number {
  return Math.ceil(count / entriesOf(size));
}
