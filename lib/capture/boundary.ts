import type { GitConfig } from '../git/config.ts';
import type { SessionState } from './session.ts';

/**
 * Which transaction of a session a commit belongs to: on a topic branch the whole of the session's work there, on the
 * default branch one user prompt. A detached HEAD counts as a branch of its own.
 */
export function boundaryKey(session: SessionState, branch: string | null, isDefault: boolean): string {
  return isDefault ? `prompt:${session.promptSeq}` : `branch:${branch ?? '(detached)'}`;
}

/** True for the branch that work lands on: configured, the remote's HEAD, or by its usual names where there is no remote. */
export function isDefaultBranch(
  branch: string | null,
  remoteHead: string | null,
  config: GitConfig,
): boolean {
  if (branch === null) return false;
  const configured = config.get('agentlog.defaultbranch') ?? remoteHead;
  if (configured !== null && configured !== undefined) return branch === configured;
  return branch === 'main' || branch === 'master' || branch === config.get('init.defaultbranch');
}
