import { AgentLogError } from '../../core/errors.ts';
import { type GitPlace, gitText } from '../process/runner.ts';

/** Ids of the commits a range names, newest first. Throws NOT_FOUND when git does not know it. */
export async function commitsOfRange(place: GitPlace, range: string): Promise<string[]> {
  return (await askGit(place, range, [])).split('\n').filter(Boolean);
}

/** Throws NOT_FOUND unless git knows a range. */
export async function checkRange(place: GitPlace, range: string): Promise<void> {
  await askGit(place, range, ['--max-count=0']);
}

async function askGit(place: GitPlace, range: string, flags: readonly string[]): Promise<string> {
  try {
    return await gitText(place, 'rev-list', ...flags, '--end-of-options', range, '--');
  } catch (cause) {
    throw new AgentLogError('NOT_FOUND', 'answer', `no commits are called '${range}'`, {
      cause,
      hints: ['Name a range as git does: main..topic, v1.0..HEAD, or a branch.'],
    });
  }
}
