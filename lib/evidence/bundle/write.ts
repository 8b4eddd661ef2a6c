import { lstat, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AgentLogError } from '../../core/errors.ts';
import type { BundleFile } from './evidence.ts';

/** There may be people's words in it. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** True for a path that means one file. */
export function isZipPath(path: string): boolean {
  return /\.zip$/i.test(path);
}

/** Throws BAD_ARGUMENT unless there is nothing at a path, or an empty folder where one is meant. */
export async function checkFree(path: string): Promise<void> {
  const there = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw cannotWrite(path, error);
  });
  if (there === null) return;
  const isEmpty = there.isDirectory() && !isZipPath(path) && (await readdir(path)).length === 0;
  if (isEmpty) return;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', `${path} is there already`, {
    hints: ['Name a folder or a .zip that is not there yet: nothing is written over.'],
  });
}

/**
 * Writes a bundle: a folder, or one zip when the path ends so. It is there whole or not at all. Throws BAD_ARGUMENT where
 * something is there already, and IO_FAILED.
 */
export async function writeBundle(path: string, files: readonly BundleFile[]): Promise<void> {
  await checkFree(path);
  const part = `${path}.${process.pid}.part`;
  try {
    if (isZipPath(path)) {
      const { zipOf } = await import('./zip.ts');
      await writeFile(part, zipOf(files), { flag: 'wx', mode: FILE_MODE });
    } else await writeFolder(part, files);
    await rename(part, path);
  } catch (cause) {
    await rm(part, { recursive: true, force: true }).catch(() => undefined);
    throw cannotWrite(path, cause);
  }
}

async function writeFolder(folder: string, files: readonly BundleFile[]): Promise<void> {
  await mkdir(folder, { mode: FOLDER_MODE });
  const folders = new Set(files.map(({ path }) => dirname(path)).filter((one) => one !== '.'));
  for (const one of [...folders].sort())
    await mkdir(join(folder, one), { recursive: true, mode: FOLDER_MODE });
  for (const { path, bytes } of files)
    await writeFile(join(folder, path), bytes, { flag: 'wx', mode: FILE_MODE });
}

function cannotWrite(path: string, cause: unknown): AgentLogError {
  return new AgentLogError('IO_FAILED', 'system', `${path} can't be written`, {
    cause,
    hints: ['Name a place in a folder that is there and that you may write to, with room in it.'],
  });
}
