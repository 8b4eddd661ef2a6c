import type { GitPlace } from '../process/runner.ts';
import { streamGit } from '../process/stream.ts';

/** What a tree has at a path that is no folder. */
export interface Entry {
  readonly mode: string;
  readonly oid: string;
}

/** One path that two trees differ in; null where a tree has nothing there. The path is bytes as latin1. */
export interface EntryDiff {
  readonly path: string;
  readonly from: Entry | null;
  readonly to: Entry | null;
}

/** How git is asked: every path by itself, whatever anybody has set. */
export const DIFF_ENTRIES: readonly string[] = [
  'diff-tree',
  '-r',
  '-z',
  '--raw',
  '--no-renames',
  '--no-abbrev',
  '--no-ext-diff',
  '--ignore-submodules=none',
];

/** The paths two trees (or commits) differ in. Folders that are the same are not even opened. Throws GIT_FAILED. */
export async function* diffEntries(place: GitPlace, from: string, to: string): AsyncGenerator<EntryDiff> {
  const args = [...DIFF_ENTRIES, '--end-of-options', from, to];
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of streamGit(place, { args })) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (;;) {
      const headEnd = bytes.indexOf(0, at);
      const end = headEnd < 0 ? -1 : bytes.indexOf(0, headEnd + 1);
      if (end < 0) break;
      yield entryDiff(bytes.toString('latin1', at, headEnd), bytes.toString('latin1', headEnd + 1, end));
      at = end + 1;
    }
    rest = bytes.subarray(at);
  }
}

/** What `diff-tree --stdin` says of pairs of trees, up to a line that ends it; null as long as that has not come. */
export function parseEntryPairs(
  text: string,
  mark: string,
): { readonly pairs: EntryDiff[][]; readonly end: number } | null {
  const pairs: EntryDiff[][] = [];
  for (let at = 0; at < text.length; ) {
    if (text.startsWith(mark, at)) return { pairs, end: at + mark.length };
    if (text[at] !== ':') {
      // A line with the pair's ids comes before its changes.
      pairs.push([]);
      at = text.indexOf('\n', at) + 1;
      if (at === 0) return null;
      continue;
    }
    const headEnd = text.indexOf('\0', at);
    const end = headEnd < 0 ? -1 : text.indexOf('\0', headEnd + 1);
    if (end < 0) return null;
    pairs.at(-1)?.push(entryDiff(text.slice(at, headEnd), text.slice(headEnd + 1, end)));
    at = end + 1;
  }
  return null;
}

/** `:mode mode oid oid letter` */
function entryDiff(head: string, path: string): EntryDiff {
  const [fromMode = '', toMode = '', from = '', to = ''] = head.slice(1).split(' ');
  return { path, from: entry(fromMode, from), to: entry(toMode, to) };
}

function entry(mode: string, oid: string): Entry | null {
  return mode === '000000' ? null : { mode, oid };
}
