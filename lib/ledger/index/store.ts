import { accessSync, constants } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { agentLogDir, type Repository } from '../../git/repository/repository.ts';
import { readRegularFile, removeFile, writeFileAtomically } from '../notes/files.ts';
import { BaseReader } from './base.ts';
import { decodeHead, encodeHead, type Head } from './head.ts';

/** Where the index of a repository is: with it gone, everything is as it was, only slower to find. */
export function indexFolder(repo: Repository): string {
  return join(agentLogDir(repo), 'index');
}

/** An index as it is on disk. */
export interface StoredIndex {
  readonly head: Head;
  readonly base: BaseReader;
}

const MAX_HEAD_BYTES = 64 * 1024 * 1024;

/** Null when there is none that can be believed. */
export async function loadIndex(repo: Repository): Promise<StoredIndex | null> {
  const head = await loadHead(repo);
  const base = head === null ? null : BaseReader.open(basePath(repo, head.base.key), head.base);
  return head === null || base === null ? null : { head, base };
}

async function loadHead(repo: Repository): Promise<Head | null> {
  const bytes = await readRegularFile(headPath(repo), MAX_HEAD_BYTES);
  return bytes === null ? null : decodeHead(bytes, repo.format);
}

/** Whether an index could be kept: if not, making one is not worth it. */
export function canStore(repo: Repository): boolean {
  for (let folder = indexFolder(repo); ; folder = dirname(folder)) {
    try {
      accessSync(folder, constants.W_OK | constants.X_OK);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || folder === repo.commonDir) return false;
    }
  }
}

/**
 * Keeps a head. Whoever reads sees the old one or the new one; of two who write, the later wins. A head on a base that
 * another has replaced meanwhile is not kept. False when nothing was: the disk is full, say, or not ours to write.
 */
export async function storeHead(repo: Repository, head: Head, before: Head | null): Promise<boolean> {
  if (before !== null && (await loadHead(repo))?.base.key !== before.base.key) return false;
  return written(headPath(repo), encodeHead(head, repo.format));
}

/** Keeps a base under its own name: nobody reads it before a head names it. */
export function storeBase(repo: Repository, key: string, bytes: Buffer): Promise<boolean> {
  return written(basePath(repo, key), bytes);
}

/** Makes an index that turned out to be damaged unknown to all. */
export function removeHead(repo: Repository): Promise<void> {
  // Where it can't be removed it is not believed the next time either.
  return removeFile(headPath(repo)).catch(() => undefined);
}

/** Longer than anybody takes between reading a head and opening what it names. */
const ABANDONED_MS = 10 * 60 * 1000;

/** Removes a base that came to nothing; else those no head names any more, and what writers left that were killed. */
export async function removeAbandoned(
  repo: Repository,
  base: { readonly key: string } | { readonly unused: string },
): Promise<void> {
  const folder = indexFolder(repo);
  // That something can't be removed costs room on the disk, and nothing else.
  const remove = (path: string): Promise<void> => removeFile(path).catch(() => undefined);
  if ('unused' in base) return remove(basePath(repo, base.unused));
  for (const name of await readdir(folder).catch(() => [])) {
    if (name === 'head' || name === `base-${base.key}`) continue;
    const path = join(folder, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > ABANDONED_MS) await remove(path);
  }
}

/** No sync to disk: what a crash leaves half written is noticed, and made anew. */
async function written(path: string, bytes: Buffer): Promise<boolean> {
  try {
    await writeFileAtomically(path, bytes, false);
    return true;
  } catch {
    return false;
  }
}

function headPath(repo: Repository): string {
  return join(indexFolder(repo), 'head');
}

function basePath(repo: Repository, key: string): string {
  return join(indexFolder(repo), `base-${key}`);
}
