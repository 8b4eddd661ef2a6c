import { runGit } from '../process/runner.ts';
import { currentBranch, type Repository } from '../repository/repository.ts';

/** A branch that holds a commit: the current one where it does, else the first by name; null when none does. */
export async function branchOf(repo: Repository, commit: string): Promise<string | null> {
  const args = ['for-each-ref', '--format=%(refname)', '--contains', commit, 'refs/heads/'];
  const { code, stdout } = await runGit(repo, { args, okCodes: [129] });
  if (code !== 0) return null;
  const names = stdout
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map((name) => name.slice('refs/heads/'.length));
  const current = await currentBranch(repo);
  return current !== null && names.includes(current) ? current : (names[0] ?? null);
}
