import type { GitPlace } from '../process/runner.ts';
import { linesOf, streamGit } from '../process/stream.ts';
import { unquotePath } from './quote-path.ts';

/** A run of lines that one commit changed last. Lines are counted from 1. */
export interface BlamedRun {
  /** Null for what is not committed. */
  readonly commit: string | null;
  readonly from: number;
  readonly to: number;
  /** Where the run began in that commit, and what the file was called there. */
  readonly sourceFrom: number;
  readonly path: string;
}

export interface BlameQuery {
  /** From the top of the worktree, whatever characters it has. */
  readonly path: string;
  /** A commit's id, never a name: blame knows no `--end-of-options`. Null: the file as it lies in the worktree. */
  readonly revision: string | null;
  /** Null: the whole file. */
  readonly lines: { readonly from: number; readonly to: number } | null;
  /** Of a merge the merge itself, and not what came with it. */
  readonly firstParent?: boolean;
}

/**
 * As `git blame` without -w, -M and -C answers, run by run in the order git finds them: the commit that changed a line
 * last, whatever the change was, so that anybody can check it with git alone. A file that was renamed whole is followed.
 * Neither a list of commits to ignore nor a text converter may shift the answer.
 */
export async function* blame(place: GitPlace, query: BlameQuery): AsyncGenerator<BlamedRun> {
  const { lines, revision, path } = query;
  const args = [
    '-c',
    'core.quotePath=true',
    'blame',
    '--incremental',
    '--root',
    ...(query.firstParent === true ? ['--first-parent'] : []),
    '--no-textconv',
    '--ignore-revs-file=',
    ...(lines === null ? [] : ['-L', `${lines.from},${lines.to}`]),
    ...(revision === null ? [] : [revision]),
    '--',
    path,
  ];
  let run: Omit<BlamedRun, 'path'> | null = null;
  for await (const line of linesOf(streamGit(place, { args }), LONGEST_LINE)) {
    const head = HEAD.exec(line);
    if (head !== null) run = parseHead(head);
    else if (run !== null && line.startsWith('filename '))
      yield { ...run, path: unquotePath(line.slice('filename '.length)) };
  }
}

const HEAD = /^([0-9a-f]{40,64}) (\d+) (\d+) (\d+)$/;
/** Authors and subjects are as long as somebody made them; nobody here reads them. */
const LONGEST_LINE = 64 * 1024;

function parseHead([, oid = '', source = '', result = '', count = '']: RegExpExecArray): Omit<
  BlamedRun,
  'path'
> {
  const from = Number(result);
  return {
    commit: /^0+$/.test(oid) ? null : oid,
    from,
    to: from + Number(count) - 1,
    sourceFrom: Number(source),
  };
}
