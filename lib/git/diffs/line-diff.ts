import { type GitPlace, runGit } from '../process/runner.ts';
import type { TreePair } from '../trees/tree-diff.ts';
import type { DiffQuestion } from './diff-dialogue.ts';
import { unquotePath } from './quote-path.ts';

/** Base lines from `start` (0-based) up to, not including, `end` become `lines`; lines keep their line feed, bytes are latin1. */
export interface LineChange {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
}

export interface FileSide {
  readonly path: string;
  readonly mode: string;
  readonly oid: string;
}

/** What one file became. */
export interface FileDiff {
  /** Null where the file was not there before. */
  readonly from: FileSide | null;
  /** Null where it is not there after. */
  readonly to: FileSide | null;
  /** Null for what git takes for binary, for submodules, and where the kind of file changed. */
  readonly hunks: readonly LineChange[] | null;
}

const ARGS = [
  'diff-tree',
  '-r',
  '-M',
  '-l30000',
  '--no-color',
  '--no-ext-diff',
  '--no-textconv',
  '--diff-algorithm=histogram',
  '--ignore-submodules=none',
  '--submodule=short',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '--full-index',
];

/** Paths are names here, never patterns; `.gitattributes` and settings of the user decide nothing. */
const ENV = { GIT_LITERAL_PATHSPECS: '1', GIT_ATTR_NOSYSTEM: '1' };
const SETTINGS = ['core.quotePath=true', 'core.attributesFile=', 'diff.suppressBlankEmpty=false'].flatMap(
  (setting) => ['-c', setting],
);
const LINES = ['--raw', '-p', '-U0', '--inter-hunk-context=0'];

/** How git is asked, again and again, about the lines of files. */
export const LINES_FOLLOWED: DiffQuestion<FileDiff[]> = {
  args: [...SETTINGS, ...ARGS, ...LINES],
  env: ENV,
  parse: (text, mark) => {
    // Within a diff every line of a file has something in front of it.
    const at = text.startsWith(mark) ? 0 : text.indexOf(`\n${mark}`) + 1;
    if (at === 0 && !text.startsWith(mark)) return null;
    return { pairs: parseLineDiffs(text.slice(0, at)), end: at + mark.length };
  },
};

/** The same, each by itself. */
export const LINES_BY_PATH: DiffQuestion<FileDiff[]> = {
  ...LINES_FOLLOWED,
  args: [...LINES_FOLLOWED.args, '--no-renames'],
};

/** Which files differ between two trees, renames followed, without their lines. */
export async function fileChanges(place: GitPlace, pair: TreePair): Promise<FileDiff[]> {
  return (await fileChangesOf(place, [pair]))[0] ?? [];
}

/** The same for many pairs of trees. */
export function fileChangesOf(place: GitPlace, pairs: readonly TreePair[]): Promise<FileDiff[][]> {
  return diffs(place, pairs, ['--raw'], []);
}

/** How files differ between trees, line by line; of all files, or of those by some names. Renames are followed, or each path is by itself. */
export function lineDiffs(
  place: GitPlace,
  pairs: readonly TreePair[],
  paths: readonly string[] = [],
  renames: 'followed' | 'by-path' = 'followed',
): Promise<FileDiff[][]> {
  const more = renames === 'followed' ? [] : ['--no-renames'];
  return diffs(place, pairs, [...LINES, ...more], paths);
}

async function diffs(
  place: GitPlace,
  pairs: readonly TreePair[],
  what: readonly string[],
  paths: readonly string[],
): Promise<FileDiff[][]> {
  if (pairs.length === 0) return [];
  const stdin = pairs.map(({ from, to }) => `${from} ${to}\n`).join('');
  const { stdout } = await runGit(place, {
    args: [...SETTINGS, ...ARGS, '--stdin', ...what, '--', ...paths],
    stdin,
    env: ENV,
  });
  return parseLineDiffs(stdout.toString('latin1'));
}

/** What `diff-tree --stdin --raw -p -U0` prints: for each pair a line with its ids, the raw entries, then a section for each. */
export function parseLineDiffs(text: string): FileDiff[][] {
  const parts = text.split(/^(?:[0-9a-f]{40} [0-9a-f]{40}|[0-9a-f]{64} [0-9a-f]{64})\n/m).slice(1);
  return parts.map(parsePair);
}

function parsePair(text: string): FileDiff[] {
  const [raw = '', ...sections] = text.split(/^diff --git .*\n/m);
  let at = 0;
  return raw
    .split('\n')
    .filter((line) => line.startsWith(':'))
    .map((line) => {
      const entry = parseRaw(line);
      // A file that became another kind of thing is told as one that went and one that came.
      const own = sections.slice(at, at + entry.sections);
      at += entry.sections;
      return {
        from: entry.from,
        to: entry.to,
        hunks: entry.sections === 1 ? parseHunks(own[0] ?? '') : null,
      };
    });
}

function parseRaw(line: string): { from: FileSide | null; to: FileSide | null; sections: number } {
  const [head = '', ...names] = line.split('\t');
  const [fromMode = '', toMode = '', fromOid = '', toOid = '', letter = ''] = head.slice(1).split(' ');
  const [first = '', second = first] = names.map((name) => unquotePath(name));
  const side = (path: string, mode: string, oid: string): FileSide | null =>
    /^0+$/.test(mode) ? null : { path, mode, oid };
  return {
    from: side(first, fromMode, fromOid),
    to: side(second, toMode, toOid),
    sections: letter.startsWith('T') ? 2 : 1,
  };
}

/** The hunks of one file's section; null when git does not tell lines. */
function parseHunks(section: string): LineChange[] | null {
  if (/^Binary files /m.test(section.split(/^@@ /m, 1)[0] ?? '') || /^Subproject commit/m.test(section))
    return null;
  const hunks: LineChange[] = [];
  for (const part of section.split(/^@@ /m).slice(1)) {
    const [, start = '0', count] = /^-(\d+)(?:,(\d+))? /.exec(part) ?? [];
    const size = count === undefined ? 1 : Number(count);
    // Of nothing git names the line before.
    const from = size === 0 ? Number(start) : Number(start) - 1;
    hunks.push({ start: from, end: from + size, lines: addedLines(part) });
  }
  return hunks;
}

function addedLines(part: string): string[] {
  const lines: string[] = [];
  let last = '';
  for (const line of part.split('\n').slice(1)) {
    if (line.startsWith('+')) lines.push(`${line.slice(1)}\n`);
    else if (line.startsWith('\\') && last.startsWith('+'))
      lines.push((lines.pop() ?? '').replace(/\n$/, ''));
    last = line;
  }
  return lines;
}
