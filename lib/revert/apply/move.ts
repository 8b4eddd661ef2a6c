import { AgentLogError } from '../../core/errors.ts';
import { shortOid } from '../../core/oid.ts';
import { runGit } from '../../git/process/runner.ts';
import { moveRefAround } from '../../git/refs/ref-transaction.ts';
import { moveRef } from '../../git/refs/refs.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { switchTree, type TreeSwitch } from '../../git/repository/switch-tree.ts';

/** The branch HEAD is on goes from one commit to another, and index and worktree with it. */
export interface HeadMove {
  readonly change: TreeSwitch;
  readonly from: string;
  readonly to: string;
  /** For the reflog. */
  readonly why: string;
}

/**
 * Moves the branch HEAD is on by compare-and-swap, with index and worktree: git holds HEAD while they change, so that nobody
 * moves it in between. Throws HEAD_MOVED or WORKTREE_IN_THE_WAY, and then nothing was changed.
 */
export async function moveHead(repo: Repository, { change, from, to, why }: HeadMove): Promise<void> {
  const between = (): Promise<void> => (repo.top === null ? Promise.resolve() : switchTree(repo, change));
  const said = await moveRefAround(repo, { ref: 'HEAD', from, to, why }, between);
  if (said === null) return;
  if ((await headOf(repo)) !== from) throw headMoved(from);
  throw new AgentLogError('GIT_FAILED', 'system', `git could not move HEAD: ${said}`, {
    hints: ['Nothing was changed.'],
  });
}

/** Makes a branch at a commit. Throws when somebody made one of that name meanwhile. */
export async function makeBranch(repo: Repository, ref: string, commit: string): Promise<void> {
  const { moved, said } = await moveRef(repo, ref, commit, null);
  if (moved) return;
  throw new AgentLogError('GIT_FAILED', 'system', `git could not make ${ref}: ${said}`, {
    hints: ['Nothing was changed. Name another branch.'],
  });
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
