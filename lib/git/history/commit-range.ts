import { IN_BLOCKS } from '../process/environment.ts';
import { type GitPlace, runGit } from '../process/runner.ts';

/** Commits after one (null: from the first on) up to another. */
export interface CommitRange {
  readonly base: string | null;
  readonly head: string;
}

/** The commits of a range, by id, `most` at most. Null when one of its ends is not here. */
export async function commitsBetween(
  place: GitPlace,
  { base, head }: CommitRange,
  most: number,
): Promise<Set<string> | null> {
  const ends = base === null ? [head] : [head, `^${base}`];
  const stdin = ends.map((end) => `${end}\n`).join('');
  const args = ['rev-list', `--max-count=${most}`, '--stdin'];
  const { code, stdout } = await runGit(place, { args, stdin, env: IN_BLOCKS, okCodes: [128] });
  return code === 0 ? new Set(stdout.toString('utf8').split('\n').filter(Boolean)) : null;
}

/** What a person would call part of the repository's history: anything a branch, a remote's branch or a tag leads to. */
export const BRANCHES_AND_TAGS: readonly string[] = ['--branches', '--remotes', '--tags'];

/** Of some commits, all of which must be here, those that one of some revisions reaches. */
export async function reachedFrom(
  place: GitPlace,
  commits: readonly string[],
  revisions: readonly string[],
): Promise<Set<string>> {
  if (commits.length === 0) return new Set();
  const args = ['rev-list', '--stdin', '--not', ...revisions];
  const stdin = commits.map((oid) => `${oid}\n`).join('');
  const { stdout } = await runGit(place, { args, stdin, env: IN_BLOCKS });
  const elsewhere = new Set(stdout.toString('utf8').split('\n').filter(Boolean));
  return new Set(commits.filter((oid) => !elsewhere.has(oid)));
}
