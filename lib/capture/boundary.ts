import { createHash } from 'node:crypto';
import { newUlid } from '../core/ulid.ts';
import type { GitConfig } from '../git/config.ts';
import type { SessionState } from './session.ts';
import type { Committer } from './subagents.ts';

/** Where a commit is made. */
export interface CommitPlace {
  /** Top of the worktree. */
  readonly top: string | null;
  readonly branch: string | null;
  readonly isDefault: (branch: string | null) => boolean;
  /** What agentLog.boundary asks for; null for what is usual. */
  readonly unit: BoundaryUnit | null;
}

const UNITS = ['prompt', 'branch', 'session'] as const;

/** What one transaction is, where somebody configured it. */
export type BoundaryUnit = (typeof UNITS)[number];

/** The setting agentLog.boundary; null where it is not set, or to a word that is none. */
export function boundaryUnit(config: GitConfig): BoundaryUnit | null {
  return UNITS.find((unit) => unit === config.get('agentlog.boundary')) ?? null;
}

/**
 * Which transaction of a session a commit belongs to: on a topic branch the whole of the session's work there, on the
 * default branch one user prompt, unless agentLog.boundary says otherwise. A detached HEAD counts as a branch of its own. A sub-agent works on what was asked
 * when it started; the branch of a worktree it was given is the agent's, not the task's.
 */
export function boundaryKey(session: SessionState, { subagent }: Committer, place: CommitPlace): string {
  const apart = subagent !== null && session.home !== null && place.top !== session.home.top;
  const branch = apart ? subagent.branch : place.branch;
  if (place.unit === 'session') return 'session';
  if (place.unit === 'branch' || (place.unit === null && !place.isDefault(branch)))
    return `branch:${branch ?? '(detached)'}`;
  return `prompt:${subagent?.promptSeq ?? session.promptSeq}`;
}

/** The transaction of a task of a session: the same wherever it is asked, so that repositories agree without talking. */
export function txnOfTask(session: SessionState, boundary: string, now: number): string {
  const { key, startedAt, currentPrompt } = session;
  if (startedAt === null) return newUlid(now);
  const isCurrent = currentPrompt !== null && boundary === `prompt:${currentPrompt.seq}`;
  const digest = createHash('sha256').update(`${key}\0${boundary}`).digest();
  return newUlid(isCurrent ? Date.parse(currentPrompt.at) : startedAt, (size) => digest.subarray(0, size));
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
