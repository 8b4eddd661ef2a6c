import { constants } from 'node:fs';
import { lstat, open, readdir, unlink } from 'node:fs/promises';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { type Place, placeAt } from './place.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Longer than any path a system takes. */
const MAX_ENTRY_BYTES = 4096 + 1;
const MAX_ENTRIES = 5000;
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * Where this user's sessions are listed: a file per session, `<agent>.<session id>`, that holds nothing but the path of
 * the clone its hooks report to. Null where the environment names no home.
 */
function registryFolder(env: Environment): string | null {
  const state = env['XDG_STATE_HOME'] || (env['HOME'] ? join(env['HOME'], '.local', 'state') : '');
  return isAbsolute(state) ? join(state, 'git-agent-log', 'sessions') : null;
}

/**
 * The clone a session reports to, when it is another than this one. What is in the registry is only a claim: links,
 * other people's files and folders, and anything but the path of such a folder count for nothing.
 */
export async function homeOf(
  env: Environment,
  agent: string,
  sessionId: string,
  own: Place,
): Promise<Place | null> {
  const folder = registryFolder(env);
  const name = entryName(agent, sessionId);
  if (folder === null || name === null || !(await isOurs(folder))) return null;
  const dir = await readEntry(join(folder, name));
  if (dir === null || dir === own.dir || !(await isOurs(dir))) return null;
  return (await isSameFolder(dir, own.dir)) ? null : placeAt(dir);
}

/** What another clone of this user keeps, by the path of its folder; null where that is no such folder of theirs. */
export async function clonePlace(dir: string): Promise<Place | null> {
  const isOne = isAbsolute(dir) && basename(dir) === 'agent-log' && (await isOurs(dir));
  return isOne ? placeAt(resolve(dir)) : null;
}

/** Drops entries that are old, or whose clone is gone; `forget` names a clone that goes away now. */
export async function pruneRegistry(env: Environment, now: number, forget: string | null): Promise<void> {
  const folder = registryFolder(env);
  if (folder === null || !(await isOurs(folder))) return;
  const names = (await readdir(folder)).slice(0, MAX_ENTRIES);
  await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const info = await lstat(path).catch(() => null);
      const dir = await readEntry(path);
      const stays =
        info !== null &&
        dir !== null &&
        now - info.mtimeMs < KEPT_MS &&
        dir !== forget &&
        (await isOurs(dir));
      // Another process may have pruned it first.
      if (!stays) await unlink(path).catch(() => undefined);
    }),
  );
}

function entryName(agent: string, sessionId: string): string | null {
  const name = `${agent}.${sessionId}`;
  return /^[A-Za-z0-9][\w.-]{0,199}$/.test(name) ? name : null;
}

async function readEntry(path: string): Promise<string | null> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch(() => null);
  if (file === null) return null;
  try {
    const info = await file.stat();
    if (!info.isFile() || info.size > MAX_ENTRY_BYTES || !isPrivate(info)) return null;
    const text = (await file.readFile('utf8')).replace(/\n$/, '');
    const dir = isAbsolute(text) && !/[\u0000-\u001f]/.test(text) ? resolve(text) : '';
    return basename(dir) === 'agent-log' ? dir : null;
  } finally {
    await file.close();
  }
}

/** A folder of this user's own, that nobody else can write to. */
async function isOurs(folder: string): Promise<boolean> {
  const info = await lstat(folder).catch(() => null);
  return info?.isDirectory() === true && isPrivate(info);
}

function isPrivate(info: { readonly uid: number; readonly mode: number }): boolean {
  // Windows has neither owners nor modes of this kind.
  if (process.getuid === undefined) return true;
  return info.uid === process.getuid() && (info.mode & 0o022) === 0;
}

async function isSameFolder(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([lstat(a), lstat(b)].map((info) => info.catch(() => null)));
  return one != null && other != null && one.ino === other.ino && one.dev === other.dev;
}
