import { existsSync } from 'node:fs';
import { removeWorktree, repositoryAt } from '../../git/repository/linked-worktree.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Applier } from '../apply/applier.ts';
import { type Recovered, recover } from '../apply/recover.ts';
import { clearState, readState, whileAlone, writeState } from '../apply/state.ts';
import { refuseAny, UNKNOWN_FILES, unknownTo } from './look.ts';
import { notInProgress } from './resume.ts';

/**
 * Gives up a revert that stopped for a person, or was cut off: everything is as it was before it began. One whose commit stands
 * already is finished instead. Throws NOT_IN_PROGRESS, or UNRESOLVED when somebody's own files would go.
 */
export function abort(ledger: Ledger, who: Pick<Applier, 'env' | 'config' | 'now'>): Promise<Recovered> {
  return whileAlone(ledger.repo, async () => {
    const { repo } = ledger;
    const state = await readState(repo);
    if (state === null) throw notInProgress();
    if (state.phase === 'landing') return recover(ledger, state, 'back', who);
    if (state.isReady && existsSync(state.worktree))
      refuseAny(await unknownTo(await repositoryAt(state.worktree)), UNKNOWN_FILES);
    // From here on there is no way back: cut off, what is left of it is not looked at again.
    await writeState(repo, { ...state, isReady: false });
    await removeWorktree(repo, state.worktree, true);
    await clearState(repo);
    const { txns } = state.plan;
    return { result: 'undone', txns, commit: null, branch: null, theirs: [], stays: null };
  });
}
