import { type LatinBytes, latinBytes } from '../../core/latin-bytes.ts';
import type { GitPlace } from '../process/runner.ts';
import { type TakePiece, tellGit } from '../process/stream.ts';

/** Is told of the lines of files, those of one file after one another. */
export interface LineTaker {
  file(path: string): void;
  /** A line of that file, without its line feed: from `start` to `end` of bytes that are good until it returns. */
  line(said: LatinBytes, start: number, end: number): void;
}

/**
 * Has git say every line of every file of a tree, as `tree:path NUL line LF`. It reads many small blobs for a search in two thirds
 * of the time it takes to hand them out (`cat-file --batch` looks each up three times). What can't be read is left out: an answer
 * here is none to "what is there". Throws GIT_FAILED.
 */
export async function sayLines(place: GitPlace, tree: string, take: TakePiece): Promise<void> {
  const config = ['-c', 'core.deltaBaseCacheLimit=1g', '-c', 'submodule.recurse=false'];
  const format = ['-z', '-a', '--full-name', '--no-color', '--no-line-number', '--no-column'];
  // One thread: git reads objects under one lock, and a second only waits for it.
  const layout = ['--no-heading', '--no-break', '--no-textconv', '--threads=1'];
  // From a folder below git would look in that folder of the tree.
  const args = [...config, 'grep', ...format, ...layout, '-F', '-e', '', tree, '--', ':/'];
  await tellGit(place, { args, okCodes: [1] }, take);
}

/** Where a file's path begins in what is said of a tree that is called so. */
export function pathsAt(tree: string): number {
  return tree.length + 1;
}

/** So much is looked at in one go: larger texts the engine keeps apart, which takes longer than to make them. */
const AT_ONCE = 64 * 1024;

/** Tells of lines that were said, whole ones, but of none with more than `longest` bytes. */
export function tellLines(
  lines: Buffer,
  { nameAt, longest }: { readonly nameAt: number; readonly longest: number },
  taker: LineTaker,
): void {
  let head = '';
  const tell = (said: LatinBytes, start: number, end: number): void => {
    if (head === '' || !said.text.startsWith(head, start)) {
      const nul = said.text.indexOf('\0', start + nameAt);
      if (nul < 0 || nul > end) return;
      head = said.bytes.toString('latin1', start, nul + 1);
      taker.file(said.bytes.toString('latin1', start + nameAt, nul));
    }
    const from = start + head.length;
    if (end - from <= longest) taker.line(said, from, end);
  };
  for (let at = 0; at < lines.length; ) {
    const next = lines.lastIndexOf(10, at + AT_ONCE - 1) + 1;
    const part = lines.subarray(at, next > at ? next : lines.indexOf(10, at) + 1);
    const said = latinBytes(part);
    for (let start = 0; start < part.length; ) {
      const end = said.text.indexOf('\n', start);
      tell(said, start, end);
      start = end + 1;
    }
    at += part.length;
  }
}
