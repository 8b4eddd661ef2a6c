import { link, open, readFile, rename, stat, unlink, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../../git/process/is-alive.ts';
import { makeFolder } from './files.ts';

const STALE_MS = 30_000;
/** A lock without a word in it: its owner was killed, or its disk full, between making and writing it. */
const EMPTY_STALE_MS = 1000;
const BEAT_MS = STALE_MS / 3;
const POLL_MS = 15;

/** Who holds a lock. A process id alone may be another process's by now, or one of another machine. */
interface Owner {
  readonly pid: number;
  /** When the process started, as its system counts; empty where that can't be known. */
  readonly start: string;
  readonly host: string;
}

/**
 * Does work while holding a lock file that says whose it is. A lock whose process is gone, or that nobody has touched
 * for half a minute, is taken over. `onBusy` decides what happens when it stays held for longer than `patience`
 * milliseconds.
 */
export async function withLock<T>(
  path: string,
  patience: number,
  work: () => Promise<T>,
  onBusy: () => Promise<T>,
): Promise<T> {
  const word = wordOf(await ourselves());
  if (!(await acquire(path, word, now() + patience))) return onBusy();
  const beat = setInterval(() => touch(path), BEAT_MS);
  beat.unref();
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await release(path, word);
  }
}

/** Says that the owner lives, however long its work takes. A lock that is gone is no matter: nobody waits for it. */
function touch(path: string): void {
  const now = new Date();
  utimes(path, now, now).catch(() => undefined);
}

/** Takes away our own lock, not that of a process that thought ours stale. */
async function release(path: string, word: string): Promise<void> {
  const owner = await readFile(path, 'utf8').catch(() => '');
  if (owner === word) await unlink(path).catch(() => undefined);
}

/** Milliseconds by a clock nobody sets. Not `performance`, which Node loads a dozen modules for. */
function now(): number {
  return process.uptime() * 1000;
}

/** `end` is by the clock that only goes forward: the other may jump while we wait. */
async function acquire(path: string, word: string, end: number): Promise<boolean> {
  await makeFolder(dirname(path));
  for (;;) {
    if (await create(path, word)) return true;
    const found = await lookAt(path);
    // One that is gone was given back, and is nobody's to set aside: what has that name next is somebody's.
    if (found === 'gone') continue;
    if (found === 'stale') await setAside(path);
    else if (now() > end) return false;
    else await sleep(POLL_MS + Math.random() * POLL_MS);
  }
}

async function create(path: string, word: string): Promise<boolean> {
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return null;
    throw error;
  });
  if (file === null) return false;
  try {
    await file.writeFile(word);
    return true;
  } catch (error) {
    // On a full disk: nobody shall wait for it.
    await unlink(path).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
}

type Found = 'held' | 'stale' | 'gone';

/** Stale is one too old or, where the clock was set back, from too far ahead: in both cases nobody has touched it lately. */
async function lookAt(path: string): Promise<Found> {
  const info = await stat(path).catch(() => null);
  if (info === null) return 'gone';
  const age = Math.abs(Date.now() - info.mtimeMs);
  if (age > STALE_MS) return 'stale';
  const word = await readFile(path, 'utf8').catch(() => null);
  if (word === null) return 'gone';
  return (await isLeft(ownerIn(word), age)) ? 'stale' : 'held';
}

/** Whether nobody comes back to a lock. */
async function isLeft({ pid, start, host }: Owner, age: number): Promise<boolean> {
  if (!(pid > 0)) return age > EMPTY_STALE_MS;
  if (host !== '' && host !== hostname()) return false;
  if (!isAlive(pid)) return true;
  const started = start === '' ? '' : await startOf(pid);
  return started !== '' && started !== start;
}

async function ourselves(): Promise<Owner> {
  return { pid: process.pid, start: await startOf(process.pid), host: hostname() };
}

/** The 22nd field of /proc/<pid>/stat; the second is a name that may hold anything. */
async function startOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 1).split(' ')[20] ?? '';
}

function wordOf({ pid, start, host }: Owner): string {
  return `${pid}\n${start}\n${host}`;
}

/** An early version wrote the process id alone. */
function ownerIn(word: string): Owner {
  const [pid = '', start = '', host = ''] = word.split('\n');
  return { pid: Number(pid), start, host };
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
  if ((await lookAt(aside)) === 'held') await link(aside, path).catch(() => undefined);
  await unlink(aside).catch(() => undefined);
}
