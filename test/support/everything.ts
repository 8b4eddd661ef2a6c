import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestRepo } from './repo.ts';

/** Every byte under .git: each object unpacked, and each file as it lies there, in latin1. */
export async function everythingIn(repo: TestRepo): Promise<Map<string, string>> {
  const objects = await repo.exec('git', ['cat-file', '--batch-all-objects', '--batch', '--unordered']);
  const found = new Map([['objects', objects.stdout]]);
  for (const entry of await readdir(repo.path('.git'), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !path.includes('/.git/objects/')) found.set(path, await readFile(path, 'latin1'));
  }
  return found;
}
