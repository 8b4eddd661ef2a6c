import type { ChangeSubject } from '../../core/record.ts';
import { mergeCommits } from '../../git/merge-trees.ts';
import { openScratch } from '../../git/scratch.ts';
import type { Ledger } from '../../ledger/ledger.ts';

/** Whether a change goes into its target as that is now. Asked in a scratch repository: nothing of the user's decides, or is written. */
export async function mergeState(
  { repo, reader }: Ledger,
  { head, targetCommit }: ChangeSubject,
  behind: number,
): Promise<'clean' | 'conflict' | 'unknown'> {
  if (targetCommit === null) return 'unknown';
  if (behind === 0) return 'clean';
  const scratch = await openScratch(repo, reader);
  try {
    const { conflicts } = await mergeCommits(scratch, targetCommit, head);
    return conflicts.length === 0 ? 'clean' : 'conflict';
  } finally {
    await scratch.close();
  }
}
