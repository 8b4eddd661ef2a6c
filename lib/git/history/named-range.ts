import { AgentLogError } from '../../core/errors.ts';
import { IN_BLOCKS } from '../process/environment.ts';
import { type GitPlace, runGit } from '../process/runner.ts';

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
    const args = ['rev-list', ...flags, '--end-of-options', range, '--'];
    return (await runGit(place, { args, env: IN_BLOCKS })).stdout.toString('latin1');
  } catch (cause) {
    throw new AgentLogError('NOT_FOUND', 'answer', `no commits are called '${range}'`, {
      cause,
      hints: ['Name a range as git does: main..topic, v1.0..HEAD, or a branch.'],
    });
  }
}
