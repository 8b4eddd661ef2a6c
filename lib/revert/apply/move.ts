import { AgentLogError } from '../../core/errors.ts';
import { shortOid } from '../../core/oid.ts';
import type { Repository } from '../../git/repository.ts';
import { runGit } from '../../git/runner.ts';
import { switchTree, type TreeSwitch } from '../../git/switch-tree.ts';

/** The branch HEAD is on goes from one commit to another, and index and worktree with it. */
export interface HeadMove {
  readonly change: TreeSwitch;
  readonly from: string;
  readonly to: string;
  /** For the reflog. */
  readonly why: string;
}

/**
 * Moves the branch HEAD is on by compare-and-swap, with index and worktree. Throws HEAD_MOVED when somebody else moved it, or
 * WORKTREE_IN_THE_WAY, and then nothing was changed.
 */
export async function moveHead(repo: Repository, { change, from, to, why }: HeadMove): Promise<void> {
  if (repo.top !== null) await switchTree(repo, change);
  const args = ['update-ref', '-m', why, 'HEAD', to, from];
  const { code } = await runGit(repo, { args, okCodes: [1, 128] });
  if (code === 0) return;
  if (repo.top !== null) await switchTree(repo, { from: change.to, to: change.from });
  throw headMoved(from);
}

/** The commit HEAD is at; empty where there is none. */
export async function headOf(repo: Repository): Promise<string> {
  const { stdout } = await runGit(repo, { args: ['rev-parse', '-q', '--verify', 'HEAD'], okCodes: [1, 128] });
  return stdout.toString('utf8').trim();
}

export function headMoved(head: string): AgentLogError {
  return new AgentLogError('HEAD_MOVED', 'answer', `HEAD is not at ${shortOid(head)} any more`, {
    hints: ['Nothing was changed. Plan again.'],
  });
}
