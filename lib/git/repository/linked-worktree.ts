import { rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { StagedMerge } from '../merges/merge-stages.ts';
import { runGit } from '../process/runner.ts';
import { findRepository, type Repository } from './repository.ts';
import { listWorktrees } from './worktrees.ts';

/** Makes a worktree at a commit, on no branch and with no files in it yet: so no hook of the user's runs. */
export async function addWorktree(repo: Repository, path: string, commit: string): Promise<void> {
  await runGit(repo, { args: ['worktree', 'add', '-q', '--detach', '--no-checkout', path, commit] });
}

/** The repository as another worktree of it sees it, whatever this process was told of its own. */
export function repositoryAt(path: string): Promise<Repository> {
  return findRepository({ cwd: path, foreign: true });
}

/** Puts the outcome of a merge into a worktree's index and files, as git's own merge leaves it. What was there goes. */
export async function placeMerge(repo: Repository, { tree, stages }: StagedMerge): Promise<void> {
  await runGit(repo, { args: ['read-tree', '--reset', '-u', tree], env: LOCKING });
  if (stages.length === 0) return;
  const gone = [...new Set(stages.map(({ path }) => path))];
  const lines = [
    ...gone.map((path) => `0 ${'0'.repeat(tree.length)}\t${path}\0`),
    ...stages.map(({ mode, oid, stage, path }) => `${mode} ${oid} ${stage}\t${path}\0`),
  ];
  const stdin = Buffer.from(lines.join(''), 'latin1');
  await runGit(repo, { args: ['update-index', '-z', '--index-info'], stdin, env: LOCKING });
}

const LOCKING = { GIT_OPTIONAL_LOCKS: '1' };

/**
 * Takes a worktree away, and what git keeps of it; also one that is half gone. Without `force` one with anything in it that is in no
 * commit stays: false then.
 */
export async function removeWorktree(repo: Repository, path: string, force: boolean): Promise<boolean> {
  const args = ['worktree', 'remove', ...(force ? ['--force'] : []), '--', path];
  const { code } = await runGit(repo, { args, okCodes: [1, 128] });
  if (code === 0) return true;
  if (!force) return false;
  const [kept] = (await listWorktrees(repo)).filter(({ top }) => top === path);
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
  // Only what is git's note of that very worktree: of others that are away nobody knows here.
  if (kept !== undefined && dirname(kept.gitDir) === join(repo.commonDir, 'worktrees')) {
    await rm(kept.gitDir, { recursive: true, force: true });
    await rmdir(dirname(kept.gitDir)).catch(() => undefined);
  }
  return true;
}
