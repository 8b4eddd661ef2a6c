import { lstat, mkdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { giveAway } from '../containment/containment.ts';
import type { Workplace } from '../workplace.ts';

const MAX_BYTES = 64 * 1024 * 1024;

/**
 * A file's content; null where there is none, where it is too large, or where its path leads out of the workplace. Like the
 * others here it must not be called while something runs there: whoever could put a link in place meanwhile would lead us anywhere.
 */
export async function readThere({ folder }: Workplace, path: string): Promise<Buffer | null> {
  const file = await realpath(join(folder, path)).catch(() => null);
  if (file === null || !(await isBelow(folder, file))) return null;
  const info = await stat(file);
  return info.isFile() && info.size <= MAX_BYTES ? readFile(file) : null;
}

/** Writes a file. False where that would be outside of the workplace, or where something else stands in its place. */
export async function writeThere({ folder }: Workplace, path: string, content: Buffer): Promise<boolean> {
  const file = await placeToWrite(folder, path);
  if (file === null) return false;
  try {
    const made = await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    await giveAway(made ?? file);
    return true;
  } catch {
    // A name too long, rights a command took away: whoever asked says that it can't be written.
    return false;
  }
}

/** Takes a file away, or a link to one. False where it would be one outside. */
export async function removeThere({ folder }: Workplace, path: string): Promise<boolean> {
  const parent = await realpath(dirname(join(folder, path))).catch(() => null);
  if (parent === null) return true;
  if (!(await isBelow(folder, `${parent}/x`))) return false;
  // A folder is none of the files a record knows.
  return rm(join(folder, path), { force: true }).then(
    () => true,
    () => false,
  );
}

/** Where a file is to be written: through links, as an agent's tool would, but never out of the workplace. */
async function placeToWrite(folder: string, path: string): Promise<string | null> {
  const whole = join(folder, path);
  const info = await lstat(whole).catch(() => null);
  if (info?.isDirectory() === true) return null;
  if (info !== null) {
    const file = await realpath(whole).catch(() => null);
    return file !== null && (await isBelow(folder, file)) && (await stat(file)).isFile() ? file : null;
  }
  const above = await nearest(folder, dirname(whole));
  return above !== null && (await isBelow(folder, `${above}/x`)) ? whole : null;
}

/** The nearest folder above that is there, as it really lies; null when something else stands there. */
async function nearest(folder: string, path: string): Promise<string | null> {
  const info = await lstat(path).catch(() => null);
  if (info === null) return path === folder ? null : nearest(folder, dirname(path));
  const real = await realpath(path).catch(() => null);
  return real !== null && (await stat(real)).isDirectory() ? real : null;
}

/** Below the folder, and not in git's own part of it. */
async function isBelow(folder: string, file: string): Promise<boolean> {
  const top = await realpath(folder);
  return file.startsWith(`${top}/`) && !file.startsWith(`${top}/.git/`);
}
