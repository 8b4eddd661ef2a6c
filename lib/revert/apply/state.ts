import { rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentLogError } from '../../core/errors.ts';
import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import type { RelandRecord, RevertRecord } from '../../core/records/record.ts';
import type { Repository } from '../../git/repository/repository.ts';
import type { TreeSwitch } from '../../git/repository/switch-tree.ts';
import { readRegularFile, writeFileAtomically } from '../../ledger/notes/files.ts';
import { withLock } from '../../ledger/notes/lock.ts';

/** Commits are made, and the branch, index and worktree are about to go there. */
export interface Landing {
  readonly phase: 'landing';
  readonly head: string;
  readonly change: TreeSwitch;
  /** The last of them; null when the change is only to be staged. */
  readonly commit: string | null;
  readonly record: RevertRecord | RelandRecord | null;
  /** The branch that is to be made, as a ref; null for the one HEAD is on. */
  readonly branch: string | null;
  /** Where a person resolved conflicts; it goes once all is done. */
  readonly worktree: string | null;
  /** The tree they came to there. */
  readonly resolved?: string;
}

/** A conflict lies in a worktree of its own, for a person to resolve. */
export interface Stopped {
  readonly phase: 'stopped';
  readonly plan: RevertPlan;
  readonly reason: string | null;
  readonly branch: string | null;
  readonly worktree: string;
  /** Which of the plan's runs is in conflict, and the tree it is undone in. */
  readonly run: number;
  readonly tree: string;
  /** False until all of the conflict lies there. */
  readonly isReady: boolean;
}

/** What a worktree of the user's is in the middle of. */
export type RevertState = Landing | Stopped;

/** Our folder in a worktree's git folder; there only while something is under way. */
export function stateDir({ gitDir }: Pick<Repository, 'gitDir'>): string {
  return join(gitDir, 'agent-revert');
}

const MAX_BYTES = 64 * 1024 * 1024;

/** What is under way in a worktree; null when nothing is. Throws IN_PROGRESS when that can't be read. */
export async function readState(repo: Pick<Repository, 'gitDir'>): Promise<RevertState | null> {
  const bytes = await readRegularFile(statePath(repo), MAX_BYTES);
  if (bytes === null) return null;
  const state = parse(bytes.toString('utf8'));
  if (state !== null) return state;
  throw new AgentLogError('IN_PROGRESS', 'system', `${statePath(repo)} can't be read`, {
    hints: ['It tells what a revert was in the middle of. Look at `git status`, then take that file away.'],
  });
}

/** On disk before this returns: what it tells of is done only then. */
export async function writeState(repo: Repository, state: RevertState): Promise<void> {
  await writeFileAtomically(statePath(repo), JSON.stringify({ version: VERSION, ...state }), true);
}

/** Does something with a folder of our own for it, which makes nothing look under way. */
export async function inFolder<T>(repo: Repository, work: (folder: string) => Promise<T>): Promise<T> {
  try {
    return await work(join(stateDir(repo), `commit.${process.pid}`));
  } finally {
    // There is more in it only while something is under way.
    await rmdir(stateDir(repo)).catch(() => undefined);
  }
}

export async function clearState(repo: Repository): Promise<void> {
  await rm(stateDir(repo), { recursive: true, force: true });
}

const PATIENCE_MS = 5000;

/** Does something while no other process does the same in this worktree. Throws LOCKED. */
export function whileAlone<T>({ gitDir }: Repository, work: () => Promise<T>): Promise<T> {
  return withLock(join(gitDir, 'agent-revert.lock'), PATIENCE_MS, work, () => {
    throw new AgentLogError('LOCKED', 'system', 'another git agent-revert is at work in this worktree', {
      hints: ['Wait until it is done.'],
    });
  });
}

const VERSION = 1;

function statePath(repo: Pick<Repository, 'gitDir'>): string {
  return join(stateDir(repo), 'state.json');
}

/** Only we write it: what is looked at is whether all of it is there, by a version that knew the same. */
function parse(text: string): RevertState | null {
  try {
    const state = JSON.parse(text) as RevertState & { version: number };
    const isKnown = state.version === VERSION && (state.phase === 'landing' || state.phase === 'stopped');
    return isKnown ? state : null;
  } catch {
    return null;
  }
}
