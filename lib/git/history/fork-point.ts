import { type GitPlace, runGit } from '../process/runner.ts';

/** The newest commit two have in common; null when there is none. */
export async function mergeBase(place: GitPlace, one: string, other: string): Promise<string | null> {
  const args = ['merge-base', '--end-of-options', one, other];
  const { code, stdout } = await runGit(place, { args, okCodes: [1, 128] });
  return code === 0 ? (stdout.toString('utf8').split('\n')[0] ?? null) : null;
}

/** A newest commit that all of some lead to; null when there is none, or git knows one of them not. */
export async function commonAncestor(place: GitPlace, commits: readonly string[]): Promise<string | null> {
  const args = ['merge-base', '--octopus', '--end-of-options', ...commits];
  const { code, stdout } = await runGit(place, { args, okCodes: [1, 128] });
  return code === 0 ? (stdout.toString('utf8').split('\n')[0] ?? null) : null;
}

const WHERE_BRANCHES_ARE = ['refs/heads', 'refs/remotes', 'refs/pull', 'refs/merge-requests'];

/** The ends of branches and of merge requests that a commit does not reach, the newest first, `most` at most. */
export async function unmergedTips(place: GitPlace, commit: string, most: number): Promise<string[]> {
  const args = [
    'for-each-ref',
    '--format=%(objectname)',
    '--sort=-committerdate',
    `--count=${most}`,
    `--no-merged=${commit}`,
    ...WHERE_BRANCHES_ARE,
  ];
  const { code, stdout } = await runGit(place, { args, okCodes: [1, 128, 129] });
  return code === 0 ? [...new Set(stdout.toString('utf8').split('\n').filter(Boolean))] : [];
}
