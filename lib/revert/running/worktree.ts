import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scratch } from '../../git/objects/scratch.ts';
import { runGit } from '../../git/process/runner.ts';

/** A folder of our own that holds a tree, for as long as something runs in it. */
export interface Worktree {
  readonly dir: string;
  /** For git: the scratch repository with this folder and an index of its own. */
  readonly env: Readonly<Record<string, string>>;
}

/** Checks a tree out (all of it, unless `only` says which paths), does something there, and takes it away again. */
export async function inWorktree<T>(
  scratch: Scratch,
  tree: string,
  work: (worktree: Worktree) => Promise<T>,
  only: ((path: string, mode: string) => boolean) | null = null,
): Promise<T> {
  const root = await mkdtemp(join(scratch.dir, 'verify-'));
  const dir = join(root, 'worktree');
  try {
    await mkdir(dir);
    const env = { ...scratch.env, GIT_WORK_TREE: dir, GIT_INDEX_FILE: join(root, 'index') };
    await checkOut(scratch, tree, env, only);
    return await work({ dir, env });
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function checkOut(
  scratch: Scratch,
  tree: string,
  env: Worktree['env'],
  only: ((path: string, mode: string) => boolean) | null,
): Promise<void> {
  if (only === null) {
    await runGit(scratch, { args: ['read-tree', '--reset', '-u', tree], env });
    return;
  }
  await runGit(scratch, { args: ['read-tree', '--reset', tree], env });
  const { stdout } = await runGit(scratch, { args: ['ls-files', '-s', '-z'], env });
  const wanted = stdout
    .toString('utf8')
    .split('\0')
    .map((line) => ({ path: line.slice(line.indexOf('\t') + 1), mode: line.slice(0, 6) }))
    .filter(({ path, mode }) => path !== '' && only(path, mode));
  const stdin = wanted.map(({ path }) => `${path}\0`).join('');
  await runGit(scratch, { args: ['checkout-index', '-z', '--stdin'], stdin, env });
}

/** The tree with what stands in the worktree under some names (git's path patterns), and nothing else of there. */
export async function treeOf(
  scratch: Scratch,
  { env }: Worktree,
  patterns: readonly string[],
): Promise<string> {
  const config = ['-c', 'core.autocrlf=false', '-c', 'core.safecrlf=false'];
  // One at a time: of several git adds none when one matches nothing.
  for (const pattern of patterns)
    await runGit(scratch, { args: [...config, 'add', '-A', '-f', '--', pattern], env, okCodes: [128] });
  const { stdout } = await runGit(scratch, { args: ['write-tree'], env });
  return stdout.toString('utf8').trim();
}
