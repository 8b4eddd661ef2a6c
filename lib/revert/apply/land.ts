import { runPostCommit } from '../../git/objects/make-commit.ts';
import { switchTree } from '../../git/repository/switch-tree.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Applier } from './applier.ts';
import { makeBranch, moveHead } from './move.ts';
import { tellLedger } from './record.ts';
import { clearState, type Landing, writeState } from './state.ts';
import { takeAway } from './take-away.ts';

/** What is prepared, and where it goes. */
export type Landable = Omit<Landing, 'phase'>;

/**
 * Lets a prepared revert happen: all of it, or nothing, which it says by throwing HEAD_MOVED, WORKTREE_IN_THE_WAY or GIT_FAILED. What it
 * is in the middle of is on disk first, so that a kill leaves nothing nobody can finish. NOT_APPENDED: only the ledger was not told.
 */
export async function land(
  ledger: Ledger,
  landing: Landable,
  who: Pick<Applier, 'env' | 'config' | 'now'>,
): Promise<{ readonly stays: string | null }> {
  const { repo } = ledger;
  await writeState(repo, { phase: 'landing', ...landing });
  try {
    await move(ledger, landing);
  } catch (error) {
    await clearState(repo);
    throw error;
  }
  if (landing.record !== null) await tellLedger(ledger, landing.record, who);
  const stays = await takeAway(repo, landing);
  await clearState(repo);
  if (landing.commit !== null && landing.branch === null) await runPostCommit(repo);
  return { stays };
}

function move({ repo }: Ledger, { head, change, commit, branch, record }: Landable): Promise<void> {
  if (commit === null) return switchTree(repo, change);
  if (branch !== null) return makeBranch(repo, branch, commit);
  return moveHead(repo, {
    change,
    from: head,
    to: commit,
    why: `agent-revert: ${record?.txns.join(' ') ?? ''}`,
  });
}
