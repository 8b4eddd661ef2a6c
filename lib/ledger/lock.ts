import { link, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from './files.ts';

const STALE_MS = 30_000;
const POLL_MS = 15;

/**
 * Does work while holding a lock file with our process id in it. A lock whose process is gone, or that is half a minute
 * old, is taken over. `onBusy` decides what happens when it stays held for longer than `patience` milliseconds.
 */
export async function withLock<T>(
  path: string,
  patience: number,
  work: () => Promise<T>,
  onBusy: () => Promise<T>,
): Promise<T> {
  if (!(await acquire(path, Date.now() + patience))) return onBusy();
  try {
    return await work();
  } finally {
    await release(path);
  }
}

/** Takes away our own lock, not that of a process that thought ours stale. */
async function release(path: string): Promise<void> {
  const owner = await readFile(path, 'utf8').catch(() => '');
  if (owner === String(process.pid)) await unlink(path).catch(() => undefined);
}

async function acquire(path: string, end: number): Promise<boolean> {
  await makeFolder(dirname(path));
  for (;;) {
    if (await create(path)) return true;
    if (await isStale(path)) await setAside(path);
    else if (Date.now() > end) return false;
    else await sleep(POLL_MS + Math.random() * POLL_MS);
  }
}

async function create(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => null);
  if (info === null) return true;
  const age = Date.now() - info.mtimeMs;
  if (age > STALE_MS) return true;
  const pid = Number(await readFile(path, 'utf8').catch(() => ''));
  return pid > 0 ? !isAlive(pid) : age > 1000;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Removes a stale lock under a name of our own first: of two that found it stale, only one gets it. */
async function setAside(path: string): Promise<void> {
  const aside = `${path}.${process.pid}.stale`;
  const taken = await rename(path, aside).then(
    () => true,
    () => false,
  );
  if (!taken) return;
  // Between the look and the rename somebody may have taken over: then it is theirs, and goes back.
  if (!(await isStale(aside))) await link(aside, path).catch(() => undefined);
  await unlink(aside).catch(() => undefined);
}
