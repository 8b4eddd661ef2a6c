import { AgentLogError } from '../../core/errors.ts';

/** Two changes can be compared only by git's own diff. */
export function needsGit(): AgentLogError {
  return new AgentLogError('GIT_FAILED', 'system', 'only git can tell how this work fits the commit', {
    hints: ['Install git: it is used where it is found on PATH.'],
  });
}
