import { type GitPlace, runGit } from './runner.ts';

/** The commits without a parent a commit leads to, oldest known first: they name a repository wherever it is. In a shallow clone, where that ends. */
export async function rootsOf(place: GitPlace, commit: string, known: KnownRoots | null): Promise<string[]> {
  const args = ['rev-list', '--max-parents=0', commit, ...(known === null ? [] : [`^${known.tip}`])];
  const { code, stdout } = await runGit(place, { args, okCodes: [128] });
  // What was known may be gone by now.
  if (code !== 0) return known === null ? [] : rootsOf(place, commit, null);
  const found = stdout.toString('utf8').split('\n').filter(Boolean);
  return [...new Set([...(known?.roots ?? []), ...found])].sort();
}

/** What was found of an earlier tip of the same branch. */
export interface KnownRoots {
  readonly tip: string;
  readonly roots: readonly string[];
}
