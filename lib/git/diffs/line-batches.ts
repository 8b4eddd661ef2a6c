/** Bytes of a batch: so many, or a little more. */
const BATCH = 256 * 1024;
/** Files of more batches' bytes may come in several. */
const MOST_OF_A_FILE = 16;
const MOST_NAME = 4096;

/**
 * Puts what `sayLines` hears, in whatever pieces it comes, together to batches of whole lines, and of whole files where these are
 * not large. A line of more than `longest` bytes may be left out. The memory of a batch is its own, and threads can share it.
 */
export class LineBatches {
  readonly #longest: number;
  readonly #onBatch: (lines: Buffer) => void;
  readonly #batch: number;
  readonly #free: Buffer[] = [];
  #bytes: Buffer;
  #size = 0;
  /** Where the last complete line ends. */
  #end = 0;
  /** What comes is the rest of a line that is too long. */
  #isInLong = false;

  constructor(longest: number, onBatch: (lines: Buffer) => void, batch: number = BATCH) {
    this.#longest = longest;
    this.#onBatch = onBatch;
    this.#batch = batch;
    this.#bytes = shared(2 * batch);
  }

  take(piece: Buffer): void {
    const from = this.#isInLong ? piece.indexOf(10) + 1 : 0;
    if (this.#isInLong && from === 0) return;
    this.#isInLong = false;
    this.#keep(piece.subarray(from));
    if (this.#size < this.#batch) return;
    this.#handOver(this.#size < MOST_OF_A_FILE * this.#batch ? this.#lastFile() : this.#end);
    if (this.#size - this.#end > this.#longest + MOST_NAME) {
      this.#handOver(this.#end);
      this.#isInLong = true;
      this.#size = 0;
    }
  }

  /** There is no more: what was said is said to its last line feed. */
  end(): void {
    this.#handOver(this.#end);
  }

  /** A batch is no longer needed. */
  free({ buffer }: Buffer): void {
    if (buffer.byteLength === 2 * this.#batch) this.#free.push(Buffer.from(buffer));
  }

  /** Where the lines of the last file begin. Lines begin alike where they are of one file. */
  #lastFile(): number {
    const bytes = this.#bytes;
    let start = this.#lineBefore(this.#end);
    const head = bytes.subarray(start, bytes.indexOf(0, start) + 1);
    for (let before = this.#lineBefore(start); start > 0; before = this.#lineBefore(start)) {
      if (!bytes.subarray(before, before + head.length).equals(head)) break;
      start = before;
    }
    return start;
  }

  #lineBefore(end: number): number {
    return end < 2 ? 0 : this.#bytes.lastIndexOf(10, end - 2) + 1;
  }

  #handOver(length: number): void {
    if (length === 0) return;
    const bytes = this.#bytes;
    const rest = bytes.subarray(length, this.#size);
    this.#bytes = this.#room(rest.length);
    rest.copy(this.#bytes);
    this.#size -= length;
    this.#end -= length;
    this.#onBatch(bytes.subarray(0, length));
  }

  #keep(piece: Buffer): void {
    const size = this.#size + piece.length;
    if (size > this.#bytes.length) {
      const larger = shared(Math.max(size, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, this.#size);
      this.#bytes = larger;
    }
    piece.copy(this.#bytes, this.#size);
    const end = piece.lastIndexOf(10) + 1;
    if (end > 0) this.#end = this.#size + end;
    this.#size = size;
  }

  #room(size: number): Buffer {
    const usual = 2 * this.#batch;
    return (size <= usual ? this.#free.pop() : undefined) ?? shared(Math.max(size, usual));
  }
}

function shared(size: number): Buffer {
  return Buffer.from(new SharedArrayBuffer(size));
}
