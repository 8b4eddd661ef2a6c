import { rm, writeFile } from 'node:fs/promises';
import { AgentLogError } from '../core/errors.ts';
import type { GitConfig } from './config.ts';
import type { Repository } from './repository.ts';
import { gitText, runGit } from './runner.ts';

/** A commit that is to be made of a tree, without touching index or worktree. */
export interface NewCommit {
  readonly tree: string;
  readonly parent: string;
  readonly message: string;
  /** The file the message lies in while the user's commit-msg hook reads and may change it. */
  readonly messageFile: string;
}

/** Settings that decide how a commit is made. */
export const COMMIT_CONFIG: readonly string[] = ['commit.gpgsign'];

/**
 * Makes a commit the way the user's git would: as the user, signed where commits are signed, after the user's commit-msg
 * hook. Moves no branch. Throws REFUSED_BY_HOOK when that hook refuses.
 */
export async function makeCommit(repo: Repository, commit: NewCommit, config: GitConfig): Promise<string> {
  const { tree, parent, message, messageFile } = commit;
  await writeFile(messageFile, message, { flag: 'wx', mode: 0o600 });
  try {
    await runCommitMsg(repo, messageFile);
    const sign = /^(true|yes|on|1)$/i.test(config.get('commit.gpgsign') ?? '') ? ['-S'] : [];
    return await gitText(repo, 'commit-tree', ...sign, '-p', parent, '-F', messageFile, tree);
  } finally {
    await rm(messageFile, { force: true });
  }
}

async function runCommitMsg(repo: Repository, file: string): Promise<void> {
  const args = ['hook', 'run', '--ignore-missing', 'commit-msg', '--', file];
  const { code, stderr } = await runGit(repo, { args, okCodes: [...Array(255).keys()].map((i) => i + 1) });
  if (code === 0) return;
  throw new AgentLogError('REFUSED_BY_HOOK', 'answer', 'your commit-msg hook refused the message', {
    hints: [stderr.trim().split('\n')[0] ?? '', 'Nothing was changed.'].filter(Boolean),
  });
}
