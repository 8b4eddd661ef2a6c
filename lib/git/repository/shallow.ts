import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Repository } from './repository.ts';

/** Commits where a shallow clone ends: what they seem to have made may be older. Empty for a whole clone. */
export async function shallowCommits(repo: Repository): Promise<ReadonlySet<string>> {
  const text = await readFile(join(repo.commonDir, 'shallow'), 'utf8').catch(() => '');
  return new Set(text.split('\n').filter(Boolean));
}
