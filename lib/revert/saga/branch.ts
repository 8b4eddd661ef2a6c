import { AgentLogError } from '../../core/errors.ts';
import { readCommit } from '../../git/objects/objects.ts';
import { runGit } from '../../git/process/runner.ts';
import { switchTree } from '../../git/repository/switch-tree.ts';
import { headMoved, moveHead } from '../apply/move.ts';
import type { SagaPlace } from './place.ts';

/**
 * Moves a branch of this clone by compare-and-swap, and index and worktree where it is checked out. Throws HEAD_MOVED or
 * WORKTREE_IN_THE_WAY, and then nothing was changed.
 */
export async function moveBranch(place: SagaPlace, from: string, to: string, why: string): Promise<void> {
  const { repo, reader } = place.ledger;
  if (place.isHead) {
    const [before, after] = await Promise.all([readCommit(reader, from), readCommit(reader, to)]);
    if (before === null || after === null) throw headMoved(from);
    await moveHead(repo, { change: { from: before.tree, to: after.tree }, from, to, why });
    return;
  }
  const args = ['update-ref', '-m', why, `refs/heads/${place.branch}`, to, from];
  const { code } = await runGit(repo, { args, okCodes: [1, 128] });
  if (code !== 0) throw headMoved(from);
}

/** A kill between the files and the branch leaves them at the commit the branch never got to: they go back. */
export async function putBackFiles(place: SagaPlace, head: string, commit: string): Promise<void> {
  const { repo, reader } = place.ledger;
  const [before, after] = await Promise.all([readCommit(reader, head), readCommit(reader, commit)]);
  if (!place.isHead || before === null || after === null) return;
  const changed = async (...args: string[]): Promise<string[]> =>
    (await runGit(repo, { args: [...args, '--'] })).stdout.toString('utf8').split('\0').filter(Boolean);
  const [staged, ours] = await Promise.all([
    changed('diff-index', '--cached', '--name-only', '-z', head),
    changed('diff-tree', '-r', '--name-only', '-z', before.tree, after.tree),
  ]);
  const mine = new Set(ours);
  if (staged.some((path) => mine.has(path))) await switchTree(repo, { from: after.tree, to: before.tree });
}

/** What kept a branch from moving, where that is for somebody to see to. Anything else is thrown again. */
export function obstacleOf(error: unknown): 'worktree' | 'moved' {
  if (error instanceof AgentLogError && error.code === 'WORKTREE_IN_THE_WAY') return 'worktree';
  if (error instanceof AgentLogError && error.code === 'HEAD_MOVED') return 'moved';
  throw error;
}
