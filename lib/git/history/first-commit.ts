import { gitText } from '../process/runner.ts';
import type { Repository } from '../repository/repository.ts';
import { shallowCommits } from '../repository/shallow.ts';

/**
 * The commit with which a branch's own history began: along first parents, so that histories merged into it change nothing. What copies of
 * a repository have in common, and two repositories have not. Null where a shallow clone does not reach so far.
 */
export async function firstCommit(repo: Repository, commit: string): Promise<string | null> {
  const found = await gitText(
    repo,
    'rev-list',
    '--first-parent',
    '--max-parents=0',
    '--end-of-options',
    commit,
  );
  const oid = found.split('\n').filter(Boolean).at(-1) ?? null;
  return oid === null || (await shallowCommits(repo)).has(oid) ? null : oid;
}
