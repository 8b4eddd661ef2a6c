export interface GitObject {
  readonly oid: string;
  readonly type: 'commit' | 'tree' | 'blob' | 'tag';
  readonly content: Buffer;
  /** The bytes its id is the digest of, the content in them, where they lie together. */
  readonly named?: Buffer;
}

const HEADER = /^([0-9a-f]{40,64}) (commit|tree|blob|tag) (\d+)$/;
const LINE_FEED = 10;

/** What an object is and how large, without reading it. */
export interface ObjectInfo {
  readonly type: string;
  readonly size: number;
}

/**
 * What `git cat-file --batch` and `--batch-command` print, in whatever pieces it comes: one answer a question, null for an
 * object not there.
 */
export class BatchOutput {
  #pieces: Buffer[] = [];
  #size = 0;
  /** Bytes there have to be before another answer can be complete. */
  #needed = 1;

  /**
   * The answers that are complete with this piece, in the order they were asked for. Their contents are parts of the piece,
   * which is ours from now on (the line feed before a content becomes what git digests there):
   * whoever keeps one keeps the piece, or makes a copy. `isInfo` tells of the next answer, whenever it is asked, whether git
   * was only asked what the object is: then nothing follows the line that says it.
   */
  take(piece: Buffer): Generator<GitObject | null>;
  take(piece: Buffer, isInfo: () => boolean): Generator<GitObject | ObjectInfo | null>;
  *take(piece: Buffer, isInfo: () => boolean = () => false): Generator<GitObject | ObjectInfo | null> {
    this.#pieces.push(piece);
    this.#size += piece.length;
    if (this.#size < this.#needed) return;
    const bytes = this.#pieces.length === 1 ? piece : Buffer.concat(this.#pieces);
    let at = 0;
    for (;;) {
      const end = bytes.indexOf(LINE_FEED, at);
      this.#needed = bytes.length - at + 1;
      if (end < 0) break;
      const [, oid, type, size] = isDigit(bytes[end - 1]) ? headerIn(bytes, at, end) : NONE;
      const bare = oid !== undefined && isInfo();
      const next = end + 1 + (oid === undefined || bare ? 0 : Number(size) + 1);
      this.#needed = next - at;
      if (next > bytes.length) break;
      if (oid === undefined) yield null;
      else if (bare) yield { type: type as GitObject['type'], size: Number(size) };
      else yield objectIn(bytes, { at, end, next }, oid, type as GitObject['type']);
      at = next;
    }
    this.#pieces = [bytes.subarray(at)];
    this.#size = bytes.length - at;
  }
}

/** A header ends with a size. What says that something is not there ends with a word: most answers, where notes are looked for. */
function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}

const NONE: readonly string[] = [];

function headerIn(bytes: Buffer, at: number, end: number): readonly string[] {
  return HEADER.exec(bytes.toString('latin1', at, end)) ?? NONE;
}

/** git digests what it prints behind the id, with a NUL in the place of the line feed before the content. */
function objectIn(
  bytes: Buffer,
  { at, end, next }: { readonly at: number; readonly end: number; readonly next: number },
  oid: string,
  type: GitObject['type'],
): GitObject {
  bytes[end] = 0;
  return {
    oid,
    type,
    content: bytes.subarray(end + 1, next - 1),
    named: bytes.subarray(at + oid.length + 1, next - 1),
  };
}
