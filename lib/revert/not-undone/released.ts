import { runGit } from '../../git/process/runner.ts';
import { refsAtHand } from '../../git/refs/refs-at-hand.ts';
import type { Repository } from '../../git/repository/repository.ts';

const MOST_NAMES = 10;

/** Tags that have the work: whoever installed one of them has it, too. */
export async function releasedIn(place: Repository, oldest: string): Promise<string[]> {
  if ((await refsAtHand(place, 'refs/tags/'))?.length === 0) return [];
  const args = ['for-each-ref', '--format=%(refname:strip=2)', '--contains', oldest, 'refs/tags/'];
  const { code, stdout } = await runGit(place, { args, okCodes: [129] });
  const tags = code === 0 ? stdout.toString('utf8').split('\n').filter(Boolean) : [];
  return tags.length === 0 ? [] : [`released already: ${listed(tags)}`];
}

function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return `${names.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
