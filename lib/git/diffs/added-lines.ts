import { linesOf, streamGit } from '../process/stream.ts';
import type { Repository } from '../repository/repository.ts';
import { blindPlace, PINNED_DIFF, PINNED_SETTINGS } from './pinned-diff.ts';
import { unquotePath } from './quote-path.ts';

/** A file a commit leaves behind, and its lines that are in none of the parents. Lines are counted from 1. */
export interface AddedLines {
  readonly path: string;
  readonly blob: string;
  readonly binary: boolean;
  readonly added: readonly { readonly from: number; readonly to: number }[];
}

/**
 * What commits add, in the order they are named, from one git process. Of a merge, what no parent had: what came in from
 * a branch is that branch's. Submodules and deletions add no lines and are left out.
 */
export async function* addedLines(
  repo: Repository,
  commits: readonly string[],
): AsyncGenerator<{ readonly commit: string; readonly files: readonly AddedLines[] }> {
  const args = [...PINNED_SETTINGS, 'diff-tree', ...FLAGS, ...PINNED_DIFF];
  const { cwd, env } = blindPlace(repo);
  const stdin = commits.map((commit) => `${commit}\n`).join('');
  const parser = newParser();
  for await (const line of linesOf(streamGit({ cwd, foreign: true }, { args, env, stdin }), LONGEST_LINE)) {
    const done = parser.take(line);
    if (done !== null) yield done;
  }
  const last = parser.end();
  if (last !== null) yield last;
}

const FLAGS = ['--stdin', '--root', '-r', '--always', '--cc', '-U0'];
/** Only the start of a line is looked at, and the whole of a path's. */
const LONGEST_LINE = 64 * 1024;

interface OpenFile {
  path: string;
  blob: string;
  binary: boolean;
  gone: boolean;
  added: { from: number; to: number }[];
}

type Commit = { readonly commit: string; readonly files: readonly AddedLines[] };

/** Reads `git diff-tree --stdin -p --cc`. Inside a hunk every line starts with a blank, a sign or a backslash. */
export function newParser(): { take: (line: string) => Commit | null; end: () => Commit | null } {
  let commit: string | null = null;
  let files: OpenFile[] = [];
  let hunk: { parents: number; line: number } | null = null;
  const finished = (): Commit | null =>
    commit === null ? null : { commit, files: files.filter(isLeft).map(asAdded) };
  return {
    take(line) {
      if (hunk !== null && /^[ +\-\\]/.test(line)) {
        takeBody(line, hunk, files.at(-1));
        return null;
      }
      hunk = null;
      if (/^[0-9a-f]{40,64}$/.test(line)) {
        const done = finished();
        [commit, files] = [line, []];
        return done;
      }
      if (line.startsWith('diff --')) files.push(openFile(line));
      else if (line.startsWith('@@')) hunk = takeHunk(line);
      else takeHeader(line, files.at(-1));
      return null;
    },
    end: finished,
  };
}

function openFile(line: string): OpenFile {
  const both = /^diff --git (.+)$/.exec(line)?.[1];
  const one = /^diff --(?:cc|combined) (.+)$/.exec(line)?.[1] ?? '';
  // Without renames both names are the same one, so the second is the second half.
  const path =
    both === undefined ? unquotePath(one) : unquotePath(both.slice((both.length + 1) / 2)).slice('b/'.length);
  return { path, blob: '', binary: false, gone: false, added: [] };
}

function takeHeader(line: string, file: OpenFile | undefined): void {
  if (file === undefined) return;
  const index = /^index [0-9a-f,]+\.\.([0-9a-f]+)(?: (\d+))?$/.exec(line);
  if (index !== null) {
    file.blob = index[1] ?? '';
    if (index[2] === SUBMODULE) file.gone = true;
  } else if (line.startsWith('deleted file mode') || line.startsWith(`new file mode ${SUBMODULE}`))
    file.gone = true;
  else if (line.startsWith('Binary files ')) file.binary = true;
}

const SUBMODULE = '160000';

function takeHunk(line: string): { parents: number; line: number } {
  const parents = /^@+/.exec(line)?.[0].length ?? 2;
  const start = /\+(\d+)(?:,\d+)? @@/.exec(line)?.[1];
  return { parents: parents - 1, line: Number(start ?? 1) };
}

/** One column of signs per parent: a line with a minus is gone, one with nothing but plus signs is new. */
function takeBody(line: string, hunk: { parents: number; line: number }, file: OpenFile | undefined): void {
  if (line.startsWith('\\')) return;
  const signs = line.slice(0, hunk.parents);
  if (signs.includes('-')) return;
  const at = hunk.line++;
  if (file === undefined || /[^+]/.test(signs)) return;
  const last = file.added.at(-1);
  if (last?.to === at - 1) last.to = at;
  else file.added.push({ from: at, to: at });
}

function isLeft({ gone, blob }: OpenFile): boolean {
  return !gone && !/^0*$/.test(blob);
}

function asAdded({ path, blob, binary, added }: OpenFile): AddedLines {
  return { path, blob, binary, added };
}
