import { IN_BLOCKS } from '../process/environment.ts';
import { type GitPlace, runGit } from '../process/runner.ts';

/** Which commits to list. */
export interface CommitSelection {
  /** `A`, `^B` */
  readonly revisions: readonly string[];
  /** Leave out what remotes are known to have. */
  readonly onlyHere?: boolean;
  /** Seconds since 1970: go no further back. */
  readonly since?: number;
  readonly limit: number;
}

/** Ids of the commits that are reached, newest first. Null when git does not know a revision. */
export async function listCommits(
  place: GitPlace,
  { revisions, onlyHere = false, since, limit }: CommitSelection,
): Promise<string[] | null> {
  const args = ['log', '--stdin', '--no-color', '--no-show-signature', '--format=%H', `--max-count=${limit}`];
  // Not among the revisions: git took options from standard input only from 2.42 on.
  if (onlyHere) args.push('--not', '--remotes', '--not');
  if (since !== undefined) args.push(`--since=${since}`);
  const stdin = revisions.map((revision) => `${revision}\n`).join('');
  const { code, stdout } = await runGit(place, { args, stdin, env: IN_BLOCKS, okCodes: [128] });
  return code === 0 ? stdout.toString('utf8').split('\n').filter(Boolean) : null;
}

/** The commits branches of this clone are at, each once. */
export async function branchTips(place: GitPlace): Promise<string[]> {
  const { stdout } = await runGit(place, { args: ['for-each-ref', '--format=%(objectname)', 'refs/heads'] });
  return [...new Set(stdout.toString('utf8').split('\n').filter(Boolean))];
}
