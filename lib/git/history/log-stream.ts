import { randomBytes } from 'node:crypto';
import type { GitPlace } from '../process/runner.ts';
import { streamGit } from '../process/stream.ts';

/** One commit of a stream, with the paths it changes against its first parent (none for a merge, or if not asked for). */
export interface LoggedCommit {
  readonly oid: string;
  readonly parents: readonly string[];
  readonly author: string;
  readonly committer: string;
  /** Committer date, in seconds since 1970. */
  readonly committedAt: number;
  readonly message: string;
  readonly paths: readonly string[];
}

const FORMAT = ['%H', '%P', '%an <%ae>', '%cn <%ce>', '%ct', '%B'].join('%x00');
const FIELDS = 6;

/**
 * The commits of a range, newest first, from one git process: memory does not grow with their number. Throws GIT_FAILED
 * when git does not know the range.
 */
export async function* streamLog(
  place: GitPlace,
  range: readonly string[],
  withPaths = true,
): AsyncGenerator<LoggedCommit> {
  const { word, args } = logArgs(withPaths ? '--name-only' : '--no-patch');
  yield* parseLog(streamGit(place, { args: [...args, '--end-of-options', ...range, '--'] }), word);
}

/** Commits by id, in the order given, without their paths. Throws GIT_FAILED when one is not here. */
export async function* streamCommits(place: GitPlace, oids: readonly string[]): AsyncGenerator<LoggedCommit> {
  if (oids.length === 0) return;
  const { word, args } = logArgs('--no-patch');
  const stdin = `${oids.join('\n')}\n`;
  yield* parseLog(streamGit(place, { args: [...args, '--no-walk=unsorted', '--stdin'], stdin }), word);
}

/** Of commits by id those whose messages hold a text, in letters of any size. Those that are not here are left out. */
export async function* streamMentioning(
  place: GitPlace,
  oids: readonly string[],
  text: string,
): AsyncGenerator<LoggedCommit> {
  if (oids.length === 0) return;
  const { word, args } = logArgs('--no-patch');
  const search = ['--no-walk=unsorted', '--ignore-missing', '-F', '-i', `--grep=${text}`, '--stdin'];
  const stdin = `${oids.join('\n')}\n`;
  yield* parseLog(streamGit(place, { args: [...args, ...search], stdin }), word);
}

/** A path may hold anything but NUL, so commits are told apart by a word nobody could have put into one. */
function logArgs(paths: '--name-only' | '--no-patch'): { word: string; args: string[] } {
  const word = `\u0001${randomBytes(12).toString('hex')}`;
  const args = ['log', '-z', paths, '--no-renames', '--no-color', '--no-show-signature'];
  return { word, args: [...args, `--format=${word}%x00${FORMAT}%x00`] };
}

/** The commits in what git printed, in whatever pieces it comes. `word` begins each of them. */
export async function* parseLog(chunks: AsyncIterable<Buffer>, word: string): AsyncGenerator<LoggedCommit> {
  let rest: Buffer = Buffer.alloc(0);
  let tokens: string[] | null = null;
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, start)) {
      const token = bytes.toString('utf8', start, end);
      start = end + 1;
      if (token === word || token === `\n${word}`) {
        if (tokens !== null) yield loggedCommit(tokens);
        tokens = [];
      } else tokens?.push(token);
    }
    rest = bytes.subarray(start);
  }
  if (tokens !== null) yield loggedCommit(tokens);
}

function loggedCommit(tokens: readonly string[]): LoggedCommit {
  const [oid = '', parents = '', author = '', committer = '', time = '0', message = ''] = tokens;
  const [first, ...more] = tokens.slice(FIELDS).filter((token, i) => i > 0 || token !== '');
  // git puts a line feed between a message and its paths; one more would be the path's own.
  const paths = first === undefined ? [] : [first.replace(/^\n/, ''), ...more];
  return {
    oid,
    parents: parents.split(' ').filter(Boolean),
    author,
    committer,
    committedAt: Number(time),
    message,
    paths,
  };
}
