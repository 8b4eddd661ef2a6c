import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentLogError } from '../../../core/errors.ts';
import { readRegularFile } from '../../../ledger/notes/files.ts';
import { bad, expectDistinct, expectPath, mostBytes, readZip, readZipEntry } from './zip.ts';

/** The files of a bundle, by path. Nothing of it is believed, and nothing is unpacked onto the disk. */
export interface BundleSource {
  readonly paths: readonly string[];
  /** Null where there is no such file. Throws BAD_BUNDLE. */
  readonly read: (path: string) => Promise<Buffer | null>;
}

const MAX_ZIP_BYTES = 512 * 1024 * 1024;
const MOST_FILES = 50_000;
const MOST_LEVELS = 21;

/** Opens a bundle: a folder, or a zip. Throws NOT_FOUND where there is none, BAD_BUNDLE for what can't be one. */
export async function openBundle(path: string): Promise<BundleSource> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new AgentLogError('NOT_FOUND', 'answer', `there is no bundle at ${path}`, {
      cause,
      hints: ['Name a folder or a .zip that `git agent-log evidence` made, a range of commits, or --all.'],
    });
  });
  if (info.isDirectory()) return openFolder(path);
  if (!info.isFile()) throw bad(`${path} is neither a file nor a folder`);
  if (info.size > MAX_ZIP_BYTES) throw bad(`it is over ${MAX_ZIP_BYTES} bytes`);
  // The path itself may be a link of whoever verifies.
  const zip = await readRegularFile(await realpath(path), MAX_ZIP_BYTES);
  if (zip === null) throw bad(`${path} can't be read as a file`);
  return openZip(zip);
}

/** A zip that was read. Throws BAD_BUNDLE. */
export function openZip(zip: Buffer): BundleSource {
  const entries = new Map(readZip(zip).map((entry) => [entry.path, entry]));
  return {
    paths: [...entries.keys()],
    read: (path) => {
      const entry = entries.get(path);
      return Promise.resolve(entry === undefined ? null : readZipEntry(zip, entry));
    },
  };
}

async function openFolder(folder: string): Promise<BundleSource> {
  const paths = await filesUnder(folder, '', 0);
  expectDistinct(paths);
  const known = new Set(paths);
  return {
    paths,
    read: async (path) => {
      if (!known.has(path)) return null;
      const most = mostBytes(path);
      const bytes = await readRegularFile(join(folder, path), most);
      if (bytes === null) throw bad(`${path} is no plain file any more, or over ${most} bytes`);
      return bytes;
    },
  };
}

async function filesUnder(folder: string, prefix: string, level: number): Promise<string[]> {
  if (level > MOST_LEVELS) throw bad('it has too many folders in each other');
  const paths: string[] = [];
  for (const name of (await readdir(join(folder, prefix))).sort()) {
    const path = prefix === '' ? name : `${prefix}/${name}`;
    expectPath(path);
    const info = await lstat(join(folder, path));
    if (info.isDirectory()) paths.push(...(await filesUnder(folder, path, level + 1)));
    else if (info.isFile()) paths.push(path);
    else throw bad(`${path} is no plain file: a link or a device`);
    if (paths.length > MOST_FILES) throw bad(`it has more than ${MOST_FILES} files`);
  }
  return paths;
}
