import { AgentLogError } from '../../core/errors.ts';

/** What git makes of objects that may be missing or take too long; null where it fails. */
export async function unlessGitFails<T>(made: Promise<T>): Promise<T | null> {
  try {
    return await made;
  } catch (error) {
    if (error instanceof AgentLogError && error.code === 'GIT_FAILED') return null;
    throw error;
  }
}
