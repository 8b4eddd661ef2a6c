import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Repository } from '../../git/repository/repository.ts';

/**
 * Whether `git fetch` brought something: told from git's files, without a process, so that every command may ask. Refs
 * that were packed since are seen by the next fetch or sync.
 */
export async function hasFetched(repo: Repository): Promise<boolean> {
  if (existsSync(join(repo.commonDir, 'reftable'))) return true;
  const root = join(repo.commonDir, 'refs', 'agent-log', 'remotes');
  const files = await readdir(root, { recursive: true }).catch(() => []);
  const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8').catch(() => '');
  for (const file of files) {
    const remote = /^(.+)[/\\]agent-log$/.exec(file)?.[1];
    if (remote === undefined) continue;
    const [fetched, merged] = await Promise.all([read(file), read(join(remote, 'merged'))]);
    if (fetched !== '' && fetched !== merged) return true;
  }
  return false;
}
