import { type LatinBytes, latinBytes } from '../../core/latin-bytes.ts';
import type { GitPlace } from '../process/runner.ts';
import { tellGit } from '../process/stream.ts';

/** Is told of the lines of files, those of one file after one another. */
export interface LineTaker {
  file(path: string): void;
  /** A line of that file, without its line feed: from `start` to `end` of bytes that are good until it returns. */
  line(said: LatinBytes, start: number, end: number): void;
}

/**
 * Tells of every line of every file of a tree. git reads many small blobs for a search in two thirds of the time it takes to
 * hand them out (`cat-file --batch` looks each up three times). What can't be read is left out, and so is a line of more
 * than `longest` bytes: an answer here is none to "what is there". Throws GIT_FAILED.
 */
export async function treeLines(
  place: GitPlace,
  tree: string,
  longest: number,
  taker: LineTaker,
): Promise<void> {
  const config = ['-c', 'core.deltaBaseCacheLimit=1g', '-c', 'submodule.recurse=false'];
  const format = ['-z', '-a', '--full-name', '--no-color', '--no-line-number', '--no-column'];
  // One thread: git reads objects under one lock, and a second only waits for it.
  const layout = ['--no-heading', '--no-break', '--no-textconv', '--threads=1'];
  // From a folder below git would look in that folder of the tree.
  const args = [...config, 'grep', ...format, ...layout, '-F', '-e', '', tree, '--', ':/'];
  const lines = new GrepOutput(tree.length + 1, longest, taker);
  await tellGit(place, { args, okCodes: [1] }, (piece) => lines.take(piece));
  lines.parse();
}

/** So much is looked at in one go: larger texts the engine keeps apart, which takes longer than to make them. */
const AT_ONCE = 64 * 1024;
const MOST_NAME = 4096;

/** What `git grep -z` prints, in whatever pieces it comes: `tree:path NUL line LF`. */
class GrepOutput {
  readonly #nameAt: number;
  readonly #longest: number;
  readonly #taker: LineTaker;
  /** What came and was not looked at yet; most of it is there only to be filled. */
  #bytes = Buffer.allocUnsafeSlow(2 * AT_ONCE);
  #size = 0;
  /** Where the last complete line of it ends. */
  #end = 0;
  /** What comes is the rest of a line that is too long. */
  #isInLong = false;
  /** Before the path of the file that was told of: as its lines begin. */
  #head = '';

  constructor(nameAt: number, longest: number, taker: LineTaker) {
    this.#nameAt = nameAt;
    this.#longest = longest;
    this.#taker = taker;
  }

  take(piece: Buffer): void {
    const from = this.#isInLong ? piece.indexOf(10) + 1 : 0;
    if (this.#isInLong && from === 0) return;
    this.#isInLong = false;
    this.#keep(piece.subarray(from));
    if (this.#size < AT_ONCE) return;
    this.parse();
    if (this.#size > this.#longest + MOST_NAME) {
      this.#isInLong = true;
      this.#size = 0;
    }
  }

  /** Tells of the lines that are complete. */
  parse(): void {
    const length = this.#end;
    if (length === 0) return;
    const said = latinBytes(this.#bytes.subarray(0, length));
    const { text } = said;
    for (let start = 0; start < length; ) {
      const end = text.indexOf('\n', start);
      this.#tell(said, start, end);
      start = end + 1;
    }
    this.#bytes.copyWithin(0, length, this.#size);
    this.#size -= length;
    this.#end = 0;
  }

  #tell(said: LatinBytes, start: number, end: number): void {
    if (this.#head === '' || !said.text.startsWith(this.#head, start)) {
      const nul = said.text.indexOf('\0', start + this.#nameAt);
      if (nul < 0 || nul > end) return;
      this.#head = said.bytes.toString('latin1', start, nul + 1);
      this.#taker.file(said.bytes.toString('latin1', start + this.#nameAt, nul));
    }
    const from = start + this.#head.length;
    if (end - from <= this.#longest) this.#taker.line(said, from, end);
  }

  #keep(piece: Buffer): void {
    const size = this.#size + piece.length;
    if (size > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(size, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, this.#size);
      this.#bytes = larger;
    }
    piece.copy(this.#bytes, this.#size);
    const end = piece.lastIndexOf(10) + 1;
    if (end > 0) this.#end = this.#size + end;
    this.#size = size;
  }
}
