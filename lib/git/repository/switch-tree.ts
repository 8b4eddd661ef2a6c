import { AgentLogError } from '../../core/errors.ts';
import { type GitPlace, runGit } from '../process/runner.ts';

/** The index and worktree go from one tree to another; what else is changed in them stays. */
export interface TreeSwitch {
  readonly from: string;
  readonly to: string;
}

/**
 * Brings index and worktree from one tree to another, as a checkout does: all of it or nothing. `check` only looks whether
 * it would go. Throws WORKTREE_IN_THE_WAY when something not committed stands where a change would go.
 */
export async function switchTree(place: GitPlace, { from, to }: TreeSwitch, check = false): Promise<void> {
  const args = ['read-tree', '-m', '-u', ...(check ? ['-n'] : []), from, to];
  const { code, stderr } = await runGit(place, { args, okCodes: [1, 128], env: { GIT_OPTIONAL_LOCKS: '1' } });
  if (code === 0) return;
  const said =
    stderr
      .trim()
      .split('\n')[0]
      ?.replace(/^error: /, '') ?? '';
  const path = /^(?:Entry|Untracked working tree file|Updating) '(.+)' /.exec(said)?.[1];
  throw new AgentLogError(
    'WORKTREE_IN_THE_WAY',
    'answer',
    `your worktree has changes where this one would go${path === undefined ? '' : `: ${path}`}`,
    {
      hints: [
        ...(path === undefined && said !== '' ? [`git says: ${said}`] : []),
        'Commit or stash them first; nothing was changed.',
      ],
    },
  );
}
