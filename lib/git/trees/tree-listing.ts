import type { Entry } from '../diffs/entry-diff.ts';

export const FOLDER = '40000';

const ZERO = 48;
const FOUR = 52;
const SEVEN = 55;
const SLASH = 47;
const SPACE = 32;

/** The entries of a tree object as they lie in its bytes: most of them are only ever compared. */
export class TreeListing {
  static readonly NOTHING: TreeListing = new TreeListing(Buffer.alloc(0), [0], 20);

  readonly #bytes: Buffer;
  /** Where each entry begins, and the last one ends. */
  readonly #starts: readonly number[];
  readonly #oidBytes: number;

  private constructor(bytes: Buffer, starts: readonly number[], oidBytes: number) {
    this.#bytes = bytes;
    this.#starts = starts;
    this.#oidBytes = oidBytes;
  }

  /**
   * Null for what no git would write: names out of order or there twice, without letters or with a slash, which could say
   * two things of one path.
   */
  static parse(bytes: Buffer, oidBytes: number): TreeListing | null {
    const starts = [0];
    const listing = new TreeListing(bytes, starts, oidBytes);
    for (let at = 0; at < bytes.length; ) {
      const nameEnd = endOfName(bytes, at);
      at = nameEnd + 1 + oidBytes;
      if (nameEnd < 0 || at > bytes.length) return null;
      starts.push(at);
      if (starts.length > 2 && listing.order(starts.length - 3, listing, starts.length - 2) >= 0) return null;
    }
    return listing;
  }

  get size(): number {
    return this.#starts.length - 1;
  }

  /** The name, with a slash behind that of a folder; bytes as latin1. */
  key(at: number): string {
    const name = this.#bytes.toString('latin1', this.#nameStart(at), this.#nameEnd(at));
    return this.#isFolder(at) ? `${name}/` : name;
  }

  entry(at: number): Entry {
    const mode = this.#bytes.toString('latin1', this.#start(at), this.#nameStart(at) - 1);
    const oid = this.#bytes.toString('hex', this.#nameEnd(at) + 1, this.#start(at + 1));
    return { mode: mode.replace(/^0+/, ''), oid };
  }

  /** Which of two entries comes first as git sorts them, by their keys: under 0, over 0, or 0 for the same key. */
  order(at: number, other: TreeListing, otherAt: number): number {
    const [i, iEnd] = [this.#nameStart(at), this.#nameEnd(at)];
    const [j, jEnd] = [other.#nameStart(otherAt), other.#nameEnd(otherAt)];
    const length = Math.min(iEnd - i, jEnd - j);
    for (let n = 0; n < length; n++) {
      const difference = (this.#bytes[i + n] ?? 0) - (other.#bytes[j + n] ?? 0);
      if (difference !== 0) return difference;
    }
    const after = this.#after(at, i + length) - other.#after(otherAt, j + length);
    return after === 0 ? iEnd - i - (jEnd - j) : after;
  }

  /** Mode, name and id are the same. */
  isSame(at: number, other: TreeListing, otherAt: number): boolean {
    const [bytes, others] = [this.#bytes, other.#bytes];
    const [i, j] = [this.#start(at), other.#start(otherAt)];
    const length = this.#start(at + 1) - i;
    if (other.#start(otherAt + 1) - j !== length) return false;
    // What differs is nearly always the id, which is at the end.
    for (let n = length - 1; n >= 0; n--) if (bytes[i + n] !== others[j + n]) return false;
    return true;
  }

  /** What is called so, a file before a folder; null when nothing is. */
  named(name: string): Entry | null {
    const keys = Array.from({ length: this.size }, (_, at) => this.key(at));
    const file = keys.indexOf(name);
    const at = file >= 0 ? file : keys.indexOf(`${name}/`);
    return at < 0 ? null : this.entry(at);
  }

  #start(at: number): number {
    return this.#starts[at] ?? 0;
  }

  #nameStart(at: number): number {
    const start = this.#start(at);
    return this.#bytes[start + 5] === SPACE ? start + 6 : start + 7;
  }

  #nameEnd(at: number): number {
    return this.#start(at + 1) - this.#oidBytes - 1;
  }

  /** Some tools wrote a folder's mode with a zero before it. */
  #isFolder(at: number): boolean {
    const start = this.#start(at);
    return this.#bytes[this.#bytes[start] === ZERO ? start + 1 : start] === FOUR;
  }

  /** The byte of a key behind so much of its name: 0 at the end. */
  #after(at: number, byte: number): number {
    if (byte < this.#nameEnd(at)) return this.#bytes[byte] ?? 0;
    return this.#isFolder(at) ? SLASH : 0;
  }
}

/** Where the name of an entry ends; under 0 for a mode or a name that is none. */
function endOfName(bytes: Buffer, start: number): number {
  const space = bytes[start + 5] === SPACE ? start + 5 : start + 6;
  if (bytes[space] !== SPACE) return -1;
  for (let at = start; at < space; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < ZERO || byte > SEVEN) return -1;
  }
  for (let at = space + 1; at < bytes.length; at++) {
    if (bytes[at] === 0) return at === space + 1 ? -1 : at;
    if (bytes[at] === SLASH) return -1;
  }
  return -1;
}
