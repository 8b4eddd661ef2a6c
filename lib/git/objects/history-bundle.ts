import { runGit } from '../process/runner.ts';
import type { Repository } from '../repository/repository.ts';
import { openScratch } from './scratch.ts';

/** A name a commit has in a bundle. */
export interface NamedCommit {
  /** `refs/…` */
  readonly ref: string;
  readonly commit: string;
}

/**
 * A `git bundle` of some commits and all they lead to, under names that need not be here: it is made in a scratch repository.
 * All of it is in memory. Throws GIT_FAILED where history is not whole.
 */
export async function historyBundleOf(repo: Repository, named: readonly NamedCommit[]): Promise<Buffer> {
  const scratch = await openScratch(repo);
  try {
    const lines = named.map(({ ref, commit }) => `create ${ref}\0${commit}\0`).join('');
    await runGit(scratch, { args: ['update-ref', '-z', '--stdin'], stdin: lines, env: scratch.env });
    const args = ['-c', 'pack.threads=1', 'bundle', 'create', '-q', '-', '--all'];
    return (await runGit(scratch, { args, env: scratch.env })).stdout;
  } finally {
    await scratch.close();
  }
}
