import type { GitPlace } from '../process/runner.ts';
import { streamGit } from '../process/stream.ts';

/** A line of a file of a tree, without its line feed. The bytes are good until the next is asked for. */
export interface TreeLine {
  readonly path: string;
  readonly line: Buffer;
}

/**
 * Every line of every file of a tree, some at a time, the lines of one file after one another. git reads many small blobs
 * for a search in two thirds of the time it takes to hand them out (`cat-file --batch` looks each up three times). What
 * can't be read is left out, and so is a line of more than `longest` bytes: an answer here is none to "what is there".
 */
export async function* treeLines(
  place: GitPlace,
  tree: string,
  longest: number,
): AsyncGenerator<Iterable<TreeLine>> {
  const config = ['-c', 'core.deltaBaseCacheLimit=1g', '-c', 'submodule.recurse=false'];
  const format = ['-z', '-a', '--full-name', '--no-color', '--no-line-number', '--no-column'];
  // One thread: git reads objects under one lock, and a second only waits for it.
  const layout = ['--no-heading', '--no-break', '--no-textconv', '--threads=1'];
  // From a folder below git would look in that folder of the tree.
  const args = [...config, 'grep', ...format, ...layout, '-F', '-e', '', tree, '--', ':/'];
  const lines = new GrepOutput(tree.length + 1, longest);
  for await (const chunk of streamGit(place, { args, okCodes: [1] })) yield lines.take(chunk);
}

/** What `git grep -z` prints, in whatever pieces it comes: `tree:path NUL line LF`. */
class GrepOutput {
  readonly #nameAt: number;
  readonly #longest: number;
  #parts: Buffer[] = [];
  #size = 0;

  constructor(nameAt: number, longest: number) {
    this.#nameAt = nameAt;
    this.#longest = longest;
  }

  *take(chunk: Buffer): Generator<TreeLine> {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const part = chunk.subarray(start, end);
      start = end + 1;
      const found = this.#parse(this.#size === 0 ? part : this.#joined(part));
      if (found !== null) yield found;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  #parse(bytes: Buffer): TreeLine | null {
    const end = bytes.indexOf(0, this.#nameAt);
    if (end < 0 || bytes.length - end > this.#longest) return null;
    return { path: bytes.toString('latin1', this.#nameAt, end), line: bytes.subarray(end + 1) };
  }

  #keep(part: Buffer): void {
    // Of what is too long the size is enough.
    if (this.#size <= this.#longest + MOST_NAME) this.#parts.push(part);
    this.#size += part.length;
  }

  #joined(part: Buffer): Buffer {
    this.#keep(part);
    const whole = this.#size <= this.#longest + MOST_NAME ? Buffer.concat(this.#parts) : Buffer.alloc(0);
    this.#parts = [];
    this.#size = 0;
    return whole;
  }
}

const MOST_NAME = 4096;
