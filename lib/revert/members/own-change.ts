import { AgentLogError } from '../../core/errors.ts';
import { mergeOfParents } from '../../git/merges/merge-trees.ts';
import { readCommit } from '../../git/objects/objects.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { emptyTree } from '../../git/repository/index-diff.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Change } from '../working-out/change.ts';

/**
 * What a commit changed by itself: of a merge, what it holds besides what git makes of its parents, for what it merged is other
 * people's. Null where nobody can tell: conflicts were solved in it. Throws NOT_FOUND when it is not here.
 */
export async function ownChange(ledger: Ledger, scratch: Scratch, oid: string): Promise<Change | null> {
  const commit = await readCommit(ledger.reader, oid);
  if (commit === null) throw new AgentLogError('NOT_FOUND', 'answer', `commit ${oid} is not here`);
  const { parents, tree: after } = commit;
  if (parents.length > 1) {
    const { tree, conflicts } = await mergeOfParents(scratch, parents);
    return conflicts.length === 0 ? { commit: oid, before: tree, after } : null;
  }
  const parent = parents[0] === undefined ? null : await readCommit(ledger.reader, parents[0]);
  return { commit: oid, before: parent?.tree ?? emptyTree(ledger.repo.format), after };
}
