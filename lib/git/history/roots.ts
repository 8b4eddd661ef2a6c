import { type GitPlace, runGit } from '../process/runner.ts';

/** The commits without a parent a commit leads to: they name a repository wherever it is. In a shallow clone, where that ends. */
export async function rootsOf(place: GitPlace, commit: string): Promise<string[]> {
  const { stdout } = await runGit(place, { args: ['rev-list', '--max-parents=0', commit, '--'] });
  return stdout.toString('utf8').split('\n').filter(Boolean).sort();
}
