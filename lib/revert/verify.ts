import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gitEnvironment, runGit } from '../git/runner.ts';
import type { Scratch } from '../git/scratch.ts';

export interface VerifyOptions {
  /** The user's own command, for a shell: from a flag or local configuration, never from the repository. */
  readonly command: string;
  /** Milliseconds after which it counts as failed. */
  readonly limit: number;
  /** What the command prints. */
  readonly hear: (text: string) => void;
}

/** Runs a command in a worktree of its own that holds a tree. True when it exits with 0 in time. */
export async function verifyTree(scratch: Scratch, tree: string, options: VerifyOptions): Promise<boolean> {
  const root = await mkdtemp(join(scratch.dir, 'verify-'));
  const worktree = join(root, 'worktree');
  try {
    await mkdir(worktree);
    const env = { ...scratch.env, GIT_WORK_TREE: worktree, GIT_INDEX_FILE: join(root, 'index') };
    await runGit(scratch, { args: ['read-tree', '--reset', '-u', tree], env });
    return await passes(worktree, options);
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  }
}

function passes(cwd: string, { command, limit, hear }: VerifyOptions): Promise<boolean> {
  const child = spawn('sh', ['-c', command], {
    cwd,
    env: gitEnvironment({ cwd, foreign: true }),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that whatever it has started ends with it.
    detached: true,
  });
  child.stdout.on('data', (chunk: Buffer) => hear(chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => hear(chunk.toString('utf8')));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => endGroup(child.pid), limit);
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(timer);
      resolve(code === 0);
    });
  });
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It ended by itself at that very moment.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
