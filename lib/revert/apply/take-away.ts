import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AgentLogError } from '../../core/errors.ts';
import { gitText, runGit } from '../../git/process/runner.ts';
import { removeWorktree, repositoryAt } from '../../git/repository/linked-worktree.ts';
import type { Repository } from '../../git/repository/repository.ts';
import type { Landing } from './state.ts';

/** Takes the worktree away a conflict was resolved in. Gives it where it stays: there is something in it that is in no commit. */
export async function takeAway(
  repo: Repository,
  { worktree, resolved }: Pick<Landing, 'worktree' | 'resolved'>,
): Promise<string | null> {
  if (worktree === null || !existsSync(worktree)) return null;
  // Without its link to the repository it is half gone already.
  if (!existsSync(join(worktree, '.git'))) {
    await removeWorktree(repo, worktree, true);
    return null;
  }
  const there = await repositoryIn(worktree);
  if (there?.top !== worktree) return worktree;
  if ((await gitText(there, 'write-tree')) !== resolved || (await hasMore(there))) return worktree;
  return (await removeWorktree(repo, worktree, true)) ? null : worktree;
}

/** Null where git can't tell: what is in there then nobody knows, so it stays. */
async function repositoryIn(worktree: string): Promise<Repository | null> {
  try {
    return await repositoryAt(worktree);
  } catch (error) {
    if (error instanceof AgentLogError) return null;
    throw error;
  }
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
