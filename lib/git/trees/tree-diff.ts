import { type GitPlace, gitFailed } from '../process/runner.ts';
import { streamGit } from '../process/stream.ts';
import { parseRawDiff, type StagedChange } from '../repository/index-diff.ts';

/** What one tree changes against another: the first changes, and how many there are in all. */
export interface TreeChanges {
  readonly pair: TreePair;
  readonly changes: readonly StagedChange[];
  readonly total: number;
}

/** Two trees, by id. */
export interface TreePair {
  readonly from: string;
  readonly to: string;
}

const ARGS = [
  'diff-tree',
  '--stdin',
  '-r',
  '-z',
  '--raw',
  '--no-renames',
  '--no-abbrev',
  '--no-ext-diff',
  '--ignore-submodules=none',
];

/**
 * The changed paths of many pairs of trees, in the order asked, from one git process. Of each pair `most` changes are
 * kept. Throws GIT_FAILED when a tree is not here.
 */
export async function* treeChanges(
  place: GitPlace,
  pairs: readonly TreePair[],
  most: number,
): AsyncGenerator<TreeChanges> {
  if (pairs.length === 0) return;
  const stdin = pairs.map(({ from, to }) => `${from} ${to}\n`).join('');
  let given = 0;
  for await (const changes of parsePairs(streamGit(place, { args: ARGS, stdin }), most)) {
    given++;
    yield changes;
  }
  // Of a tree it can't find git says nothing, and exits with 0.
  if (given !== pairs.length) throw gitFailed(ARGS, 0, `${pairs.length - given} trees are not here`);
}

const COLON = 58;
const LINE_FEED = 10;

/** Each pair is a line with its two ids, then its changes: `:modes oids letter NUL path NUL`, repeated. */
async function* parsePairs(chunks: AsyncIterable<Buffer>, most: number): AsyncGenerator<TreeChanges> {
  let rest: Buffer = Buffer.alloc(0);
  let current: { pair: TreePair; changes: StagedChange[]; total: number } | null = null;
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (let end = partEnd(bytes, at); end > 0; end = partEnd(bytes, at)) {
      if (bytes[at] !== COLON) {
        if (current !== null) yield current;
        current = { pair: pairOf(bytes.toString('latin1', at, end - 1)), changes: [], total: 0 };
      } else if (current !== null) {
        current.total++;
        if (current.changes.length < most) current.changes.push(...parseRawDiff(bytes.subarray(at, end)));
      }
      at = end;
    }
    rest = bytes.subarray(at);
  }
  if (current !== null) yield current;
}

function pairOf(line: string): TreePair {
  const [from = '', to = ''] = line.split(' ');
  return { from, to };
}

/** Where the line or the change that begins at a place ends; 0 when it is not all there yet. */
function partEnd(bytes: Buffer, at: number): number {
  if (at >= bytes.length) return 0;
  if (bytes[at] !== COLON) return bytes.indexOf(LINE_FEED, at) + 1;
  const headEnd = bytes.indexOf(0, at);
  return headEnd < 0 ? 0 : bytes.indexOf(0, headEnd + 1) + 1;
}
