import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, posix, relative, sep } from 'node:path';
import { runGit } from '../process/runner.ts';
import type { Repository } from './repository.ts';

/**
 * A path as the reader wrote it, seen from the top of the worktree as git names files; null when it is outside. In a
 * repository without a worktree every path is seen from the top.
 */
export async function pathFromTop(repo: Repository, given: string): Promise<string | null> {
  const path = isAbsolute(given) ? await absoluteFromTop(repo, given) : await relativeFromTop(repo, given);
  return path === null || path === '..' || path.startsWith('../') ? null : path.replace(/\/$/, '');
}

async function relativeFromTop(repo: Repository, given: string): Promise<string> {
  // git's own word for where we are: the folder may be reached through a link that `top` does not go through.
  const { stdout } = await runGit(repo, { args: ['rev-parse', '--show-prefix'], okCodes: [128] });
  return posix.normalize(stdout.toString('utf8').replace(/\n$/, '') + given.split(sep).join('/'));
}

async function absoluteFromTop(repo: Repository, given: string): Promise<string | null> {
  if (repo.top === null) return null;
  const folder = await realpath(dirname(given)).catch(() => dirname(given));
  const path = relative(await realpath(repo.top), join(folder, basename(given)))
    .split(sep)
    .join('/');
  return isAbsolute(path) ? null : path;
}
