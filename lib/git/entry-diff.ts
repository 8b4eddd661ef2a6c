import { type GitPlace, gitFailed, runGit } from './runner.ts';
import { streamGit } from './stream.ts';
import type { TreePair } from './tree-diff.ts';

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

const ARGS = [
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
  const args = [...ARGS, '--end-of-options', from, to];
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

/** The paths that trees differ in, pair by pair, from one git process. Throws GIT_FAILED when a tree is not here. */
export async function diffEntryPairs(place: GitPlace, pairs: readonly TreePair[]): Promise<EntryDiff[][]> {
  const differing = pairs.filter(({ from, to }) => from !== to);
  const found = differing.length === 0 ? [] : await readPairs(place, differing);
  let at = 0;
  return pairs.map(({ from, to }) => (from === to ? [] : (found[at++] ?? [])));
}

async function readPairs(place: GitPlace, pairs: readonly TreePair[]): Promise<EntryDiff[][]> {
  const args = [...ARGS, '--stdin'];
  const stdin = pairs.map(({ from, to }) => `${from} ${to}\n`).join('');
  const text = (await runGit(place, { args, stdin })).stdout.toString('latin1');
  const found: EntryDiff[][] = [];
  for (let at = 0; at < text.length; ) {
    if (text[at] !== ':') {
      // A line with the pair's ids comes before its changes.
      found.push([]);
      at = text.indexOf('\n', at) + 1;
      if (at === 0) break;
      continue;
    }
    const headEnd = text.indexOf('\0', at);
    const end = text.indexOf('\0', headEnd + 1);
    found.at(-1)?.push(entryDiff(text.slice(at, headEnd), text.slice(headEnd + 1, end)));
    at = end + 1;
  }
  // Of a tree it can't find git says nothing, and exits with 0.
  if (found.length !== pairs.length)
    throw gitFailed(args, 0, `${pairs.length - found.length} trees are not here`);
  return found;
}

/** `:mode mode oid oid letter` */
function entryDiff(head: string, path: string): EntryDiff {
  const [fromMode = '', toMode = '', from = '', to = ''] = head.slice(1).split(' ');
  return { path, from: entry(fromMode, from), to: entry(toMode, to) };
}

function entry(mode: string, oid: string): Entry | null {
  return mode === '000000' ? null : { mode, oid };
}
