import { createHash } from 'node:crypto';
import { newUlid } from '../../core/ulid.ts';
import type { GitConfig } from '../../git/repository/config.ts';
import type { SessionState } from '../session/session.ts';
import type { Committer } from '../session/subagents.ts';

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

/** True where work lands elsewhere: then what is done after it has landed is another transaction. */
export function endsByLanding(boundary: string, { isDefault }: Pick<CommitPlace, 'isDefault'>): boolean {
  const [, branch] = /^branch:(.+)$/.exec(boundary) ?? [];
  return branch !== undefined && !isDefault(branch);
}

/**
 * The transaction of a task of a session: the same wherever it is asked, so that repositories agree without talking. The
 * second and later of a branch, whose work before has landed, have a number that no branch's name can end in.
 */
export function txnOfTask(session: SessionState, boundary: string, now: number, generation = 1): string {
  const { key, startedAt, currentPrompt } = session;
  if (startedAt === null) return newUlid(now);
  const isCurrent = currentPrompt !== null && boundary === `prompt:${currentPrompt.seq}`;
  const task = generation === 1 ? boundary : `${boundary}~${generation}`;
  const digest = createHash('sha256').update(`${key}\0${task}`).digest();
  // A millisecond apart, so that they sort as they came.
  const began = (isCurrent ? Date.parse(currentPrompt.at) : startedAt) + generation - 1;
  return newUlid(began, (size) => digest.subarray(0, size));
}

/** True for the branch that work lands on. */
export function isDefaultBranch(
  branch: string | null,
  remoteHead: string | null,
  config: GitConfig,
): boolean {
  return branch !== null && defaultBranches(remoteHead, config).includes(branch);
}

/** What the branch that work lands on may be called: as configured, the remote's HEAD, or its usual names where there is no remote. */
export function defaultBranches(remoteHead: string | null, config: GitConfig): readonly string[] {
  const configured = config.get('agentlog.defaultbranch') ?? remoteHead;
  if (configured !== null && configured !== undefined) return [configured];
  const initial = config.get('init.defaultbranch');
  return [...new Set(['main', 'master', ...(initial === undefined ? [] : [initial])])];
}
