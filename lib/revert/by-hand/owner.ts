import { repositoryAt } from '../../git/repository/linked-worktree.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { listWorktrees } from '../../git/repository/worktrees.ts';
import { readState } from '../apply/state.ts';

/** The worktree a revert was begun in, also seen from the one where its conflict lies. Itself where none was. */
export async function ownerOf(repo: Repository): Promise<Repository> {
  if ((await readState(repo)) !== null) return repo;
  for (const { top, gitDir } of await listWorktrees(repo)) {
    const state = await readState({ gitDir });
    if (state !== null && state.worktree === repo.top) return repositoryAt(top);
  }
  return repo;
}
