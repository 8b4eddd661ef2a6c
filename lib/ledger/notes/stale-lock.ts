import { stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Repository } from '../../git/repository/repository.ts';

/** A ref update holds its lock for milliseconds; one this old was left by a process that was killed. */
const STALE_MS = 5_000;

/**
 * Removes the lock file of a ref that only we write, when its owner must be dead. git keeps no owner in a lock, so age
 * is what can be known; the compare-and-swap below it stays the judge of who wins.
 */
export async function breakStaleLock(repo: Repository, ref: string): Promise<'none' | 'held' | 'broken'> {
  const lock = join(repo.commonDir, `${ref}.lock`);
  const info = await stat(lock).catch(() => null);
  if (info === null) return 'none';
  // One from far ahead is from before the clock was set back.
  if (Math.abs(Date.now() - info.mtimeMs) < STALE_MS) return 'held';
  await unlink(lock).catch(() => undefined);
  return 'broken';
}
