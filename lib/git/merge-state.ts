import { mergeCommits } from './merge-trees.ts';
import type { Repository } from './repository.ts';
import { openScratch } from './scratch.ts';

/** Whether one commit goes into another, as git would merge them, without touching the repository. */
export async function mergeState(
  repo: Repository,
  { base, target, head }: { readonly base: string | null; readonly target: string; readonly head: string },
): Promise<'clean' | 'conflict'> {
  if (base === target || base === head) return 'clean';
  const scratch = await openScratch(repo);
  try {
    const { conflicts } = await mergeCommits(scratch, target, head);
    return conflicts.length === 0 ? 'clean' : 'conflict';
  } finally {
    await scratch.close();
  }
}
