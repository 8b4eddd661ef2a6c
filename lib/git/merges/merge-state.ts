import type { ChangeSubject } from '../../core/records/record.ts';
import type { ObjectReader } from '../objects/catfile.ts';
import { openScratch } from '../objects/scratch.ts';
import type { Repository } from '../repository/repository.ts';
import { mergeCommits } from './merge-trees.ts';

/**
 * Whether a change goes into its target as that is now; unknown where one of the two is not here. Asked in a scratch repository: nothing of the user's decides, or is
 * written.
 */
export async function mergeState(
  { repo, reader }: { readonly repo: Repository; readonly reader: ObjectReader },
  { base, head, targetCommit }: Pick<ChangeSubject, 'base' | 'head' | 'targetCommit'>,
): Promise<'clean' | 'conflict' | 'unknown'> {
  if (targetCommit === null) return 'unknown';
  if (base === targetCommit || head === targetCommit) return 'clean';
  const isHere = await Promise.all([targetCommit, head].map((commit) => reader.read(`${commit}^{commit}`)));
  if (isHere.includes(null)) return 'unknown';
  const scratch = await openScratch(repo, reader);
  try {
    const { conflicts } = await mergeCommits(scratch, targetCommit, head);
    return conflicts.length === 0 ? 'clean' : 'conflict';
  } finally {
    await scratch.close();
  }
}
