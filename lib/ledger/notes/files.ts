import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AgentLogError } from '../../core/errors.ts';

/** Private to the user: prompts and payloads pass through these files. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: FOLDER_MODE });
}

/**
 * Writes a whole file so that a reader sees the old content or the new, never half. With `durable` both the content
 * and its name are on disk before this returns.
 */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array,
  durable: boolean,
): Promise<void> {
  const temporary = `${path}.${process.pid}.${Math.random().toString(36).slice(2, 8)}.tmp`;
  try {
    const file = await openFresh(temporary, path);
    await whileOpen(file, async () => {
      await file.writeFile(content, 'utf8');
      if (durable) await file.sync();
    });
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  if (durable) await syncFolder(dirname(path));
}

/**
 * Replaces the content of a file that is git's (it holds the path, not the file, of a commit message) and keeps its mode. Whoever
 * reads it, or ends us in the middle, finds the old content or the new.
 */
export async function replaceContent(path: string, content: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const { mode } = await stat(path);
    await writeFile(temporary, content, { flag: 'wx', mode: mode & 0o777 });
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}

/** Appends to a file of the user's own, refusing to follow a symbolic link put in its place. */
export async function appendPrivately(path: string, text: string): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
  const file = await open(path, flags, FILE_MODE);
  await whileOpen(file, () => file.writeFile(text, 'utf8'));
}

/** Reads a regular file of at most `limit` bytes; null when there is none, or it is a link, a device or larger. */
export async function readRegularFile(path: string, limit: number): Promise<Buffer | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => null,
  );
  if (file === null) return null;
  return whileOpen(file, async () => {
    const info = await file.stat();
    if (!info.isFile() || info.size > limit) return null;
    return file.readFile();
  });
}

/** Removes a file. That it is gone already is fine; that it can't be removed is not. */
export async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw new AgentLogError('IO_FAILED', 'system', `could not remove ${path}`, {
      cause,
      hints: ['Look at the rights on that folder.'],
    });
  }
}

async function openFresh(temporary: string, path: string): Promise<FileHandle> {
  const create = (): Promise<FileHandle> => open(temporary, 'wx', FILE_MODE);
  return create().catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    await makeFolder(dirname(path));
    return create();
  });
}

/** Brings to disk which names a folder holds. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  // Some file systems have no fsync for folders; there the rename is as durable as they make it.
  await whileOpen(folder, () => folder.sync().catch(() => undefined));
}

async function whileOpen<T>(file: FileHandle, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await file.close();
  }
}
