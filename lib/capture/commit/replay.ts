import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionRecord } from '../../core/records/record.ts';
import { runGit } from '../../git/process/runner.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { type SessionState, wasSeen } from '../session/session.ts';

/** A commit that is made while git replays others. */
export interface Replay {
  /** The commit that is replayed; null where git does not say, or somebody makes a commit between two replayed ones. */
  readonly source: string | null;
  /** Paths that were in conflict and were resolved. */
  readonly resolved: readonly string[];
}

/** What git replays here at this moment; null when it replays nothing. */
export async function replayAt(repo: Repository): Promise<Replay | null> {
  const has = (name: string): boolean => existsSync(join(repo.gitDir, name));
  const isPick = has('CHERRY_PICK_HEAD');
  const isRebase = has('rebase-merge');
  if (!isPick && !isRebase) return null;
  // Stopped to let somebody amend: what is committed then is theirs, whatever was in conflict before.
  const isEdit = !isPick && has('rebase-merge/amend');
  return {
    source: isEdit ? null : await readId(join(repo.gitDir, isPick ? 'CHERRY_PICK_HEAD' : 'REBASE_HEAD')),
    resolved: isEdit ? [] : await resolvedPaths(repo),
  };
}

/**
 * Whether a commit made during a replay is an agent's own work, and not only what git carried over: it resolved a conflict,
 * or committed something while the replay stood still. A conflict that nobody saw it touch is somebody else's resolution.
 */
export function isOwnWork(
  { resolved }: Replay,
  record: ExecutionRecord,
  session: SessionState | null,
): boolean {
  if (resolved.length === 0) return record.tree !== record.head.tree;
  if (session === null || !wasSeen(session)) return true;
  return record.files.some(({ path, by }) => by !== 'unseen' && resolved.includes(path));
}

async function readId(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return /^([0-9a-f]{40}|[0-9a-f]{64})\n?$/.exec(text)?.[1] ?? null;
}

/** The index remembers what was unmerged before it was added. */
async function resolvedPaths(repo: Repository): Promise<string[]> {
  const { stdout } = await runGit(repo, { args: ['ls-files', '--resolve-undo', '-z', '--full-name'] });
  const paths = stdout
    .toString('utf8')
    .split('\0')
    .flatMap((entry) => /^\d+ [0-9a-f]+ [123]\t(.+)$/s.exec(entry)?.[1] ?? []);
  return [...new Set(paths)];
}
