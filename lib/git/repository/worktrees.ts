import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Repository } from './repository.ts';

/** A worktree of a repository: where its files are, and where git keeps what is its own. Paths absolute. */
export interface Worktree {
  readonly top: string;
  readonly gitDir: string;
}

/** All worktrees that share a repository, its own first, read from git's files so that no process is needed. */
export async function listWorktrees(repo: Repository): Promise<Worktree[]> {
  const folder = join(repo.commonDir, 'worktrees');
  const names = await readdir(folder).catch(() => []);
  const linked = await Promise.all(names.map((name) => linkedWorktree(join(folder, name))));
  const own = repo.top === null ? [] : [{ top: repo.top, gitDir: repo.gitDir }];
  const main = repo.commonDir.endsWith(`${sep}.git`)
    ? [{ top: repo.commonDir.slice(0, -5), gitDir: repo.commonDir }]
    : [];
  const all = [...own, ...main, ...linked.filter((worktree) => worktree !== null)];
  return [...new Map(all.map((worktree) => [worktree.top, worktree])).values()];
}

async function linkedWorktree(gitDir: string): Promise<Worktree | null> {
  const text = await readFile(join(gitDir, 'gitdir'), 'utf8').catch(() => '');
  const top = text.trim().replace(/[/\\]\.git$/, '');
  return top === '' ? null : { top, gitDir };
}
