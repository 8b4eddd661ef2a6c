import { blindPlace, PINNED_DIFF, PINNED_SETTINGS } from '../diffs/pinned-diff.ts';
import { streamGit } from '../process/stream.ts';
import type { Repository } from '../repository/repository.ts';
import type { TreePair } from './tree-diff.ts';

/** The text of a diff, or the beginning of it. */
export interface DiffText {
  readonly bytes: Buffer;
  readonly isCut: boolean;
}

const LINE_FEED = 10;

/**
 * `git diff` of pairs of trees, pinned as all diffs of ours, from one process: of each at most `most` bytes, to the end of a
 * line. By place; null where git said nothing of a pair, because a tree of it is not here.
 * Throws GIT_FAILED when it takes more than `limit` milliseconds.
 */
export async function treeDiffs(
  repo: Repository,
  pairs: readonly TreePair[],
  most: number,
  limit?: number,
): Promise<(DiffText | null)[]> {
  if (pairs.length === 0) return [];
  const { cwd, env } = blindPlace(repo);
  const args = [...PINNED_SETTINGS, 'diff-tree', '--stdin', '-r', ...PINNED_DIFF, '-U3'];
  const stdin = pairs.map(({ from, to }) => `${from} ${to}\n`).join('');
  const call = { args, env, stdin, ...(limit === undefined ? {} : { limit }) };
  const texts = new Map<string, Part>();
  let part: Part | null = null;
  for await (const line of wholeLines(streamGit({ cwd, foreign: true }, call))) {
    const head = headOf(line);
    if (head === null) part?.add(line);
    else {
      part = new Part(most);
      texts.set(head, part);
    }
  }
  return pairs.map(({ from, to }) => texts.get(`${from} ${to}`)?.text() ?? null);
}

/** Every other line of a diff begins with a word, a sign or a blank. */
function headOf(line: Buffer): string | null {
  if (line.length > 130) return null;
  return /^([0-9a-f]{40,64} [0-9a-f]{40,64})\n$/.exec(line.toString('latin1'))?.[1] ?? null;
}

class Part {
  readonly #most: number;
  readonly #lines: Buffer[] = [];
  #size = 0;
  #isCut = false;

  constructor(most: number) {
    this.#most = most;
  }

  add(line: Buffer): void {
    this.#isCut ||= this.#size + line.length > this.#most;
    if (this.#isCut) return;
    this.#size += line.length;
    this.#lines.push(line);
  }

  text(): DiffText {
    return { bytes: Buffer.concat(this.#lines), isCut: this.#isCut };
  }
}

/** A line of a file can be as long as the file: this much of it is kept. */
const LONGEST = 1024 * 1024;

/** Lines with their line feeds, as bytes. */
async function* wholeLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let at = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, at)) {
      yield Buffer.concat([...rest, chunk.subarray(at, end + 1)]);
      rest = [];
      size = 0;
      at = end + 1;
    }
    if (at < chunk.length && size < LONGEST) rest.push(chunk.subarray(at));
    size += chunk.length - at;
  }
  if (rest.length > 0) yield Buffer.concat(rest);
}
