import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runGit } from '../process/runner.ts';
import type { Repository } from './repository.ts';

/** The remote a partial clone gets from what it has left there; null for a clone that has everything. */
export async function promisorOf({ commonDir, ...place }: Repository): Promise<string | null> {
  const packs = await readdir(join(commonDir, 'objects', 'pack')).catch(() => []);
  // A process is started only where git itself has marked what came so.
  if (!packs.some((name) => name.endsWith('.promisor'))) return null;
  const args = ['config', '-z', '--get-regexp', '^remote\\..*\\.promisor$'];
  const { code, stdout } = await runGit(place, { args, okCodes: [1] });
  const [first = ''] = code === 0 ? stdout.toString('utf8').split('\0') : [];
  const [key = '', value = 'true'] = first.split('\n');
  const remote = key.slice('remote.'.length, -'.promisor'.length);
  return remote === '' || value === 'false' ? null : remote;
}
