import type { GitPlace } from '../process/environment.ts';
import { streamGit } from '../process/stream.ts';

/** A commit, as a history is told by it. */
export interface LoggedCommit {
  readonly commit: string;
  readonly tree: string;
  readonly parents: readonly string[];
  /** In UTF-8. */
  readonly message: string;
}

/** Of more than this git is asked in ways that read less of each. */
const MOST_COMMITS = 1000;
const MOST_BYTES = 1024 * 1024;

/**
 * What leads to a commit and not to another one (both by id), with its messages, as `git log` has it. Null where that is much.
 * Throws GIT_FAILED.
 */
export async function loggedRange(
  place: GitPlace,
  tip: string,
  since: string,
): Promise<readonly LoggedCommit[] | null> {
  const args = ['log', `--max-count=${MOST_COMMITS}`, '-z', '--format=%H %T %P%n%B'];
  const range = ['--no-show-signature', '--encoding=UTF-8', '--end-of-options', tip, `^${since}`, '--'];
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of streamGit(place, { args: [...args, ...range] })) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MOST_BYTES) return null;
  }
  const texts = Buffer.concat(chunks).toString('utf8').split('\0').slice(0, -1);
  return texts.length < MOST_COMMITS ? texts.map(loggedCommit) : null;
}

/** Whether none of them stands before one that leads to it: where a clock was wrong, git tells them so. */
export function areChildrenFirst(commits: readonly Pick<LoggedCommit, 'commit' | 'parents'>[]): boolean {
  const seen = new Set<string>();
  return commits.every(({ commit, parents }) => {
    seen.add(commit);
    return !parents.some((parent) => seen.has(parent));
  });
}

function loggedCommit(text: string): LoggedCommit {
  const end = text.indexOf('\n');
  const [commit = '', tree = '', ...parents] = text.slice(0, end).trimEnd().split(' ');
  return { commit, tree, parents, message: text.slice(end + 1) };
}
