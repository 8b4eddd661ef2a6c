import { existsSync } from 'node:fs';
import { removeWorktree, repositoryAt } from '../../git/linked-worktree.ts';
import type { Repository } from '../../git/repository.ts';
import { gitText, runGit } from '../../git/runner.ts';
import type { Landing } from './state.ts';

/** Takes the worktree away a conflict was resolved in. Gives it where it stays: there is something in it that is in no commit. */
export async function takeAway(
  repo: Repository,
  { worktree, resolved }: Pick<Landing, 'worktree' | 'resolved'>,
): Promise<string | null> {
  if (worktree === null || !existsSync(worktree)) return null;
  const there = await repositoryAt(worktree).catch(() => null);
  // Without its link to the repository it is half gone already.
  if (there === null || there.top !== worktree) {
    await removeWorktree(repo, worktree, true);
    return null;
  }
  if ((await gitText(there, 'write-tree')) !== resolved || (await hasMore(there))) return worktree;
  return (await removeWorktree(repo, worktree, true)) ? null : worktree;
}

/** Files changed since they were added, or never added and not ignored. */
async function hasMore(there: Repository): Promise<boolean> {
  const asked = [
    ['diff-files', '--name-only', '-z'],
    ['ls-files', '--others', '--exclude-standard', '-z'],
  ];
  for (const args of asked) if ((await runGit(there, { args })).stdout.length > 0) return true;
  return false;
}
