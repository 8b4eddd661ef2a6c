import { refsAtHand } from '../../git/refs-at-hand.ts';
import type { Repository } from '../../git/repository.ts';
import { runGit } from '../../git/runner.ts';

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

const MOST_BRANCHES = 5;
const MOST_ASKED = 50;

/** Other branches that hold commits of the work and are not merged here: each takes a revert of its own. */
export async function onOtherBranches(
  place: Repository,
  { branch, head, commits }: { branch: string | null; head: string; commits: readonly string[] },
): Promise<string[]> {
  const isOther = (name: string): boolean => name !== branch && !name.endsWith(`/${branch ?? ''}`);
  const known = [await refsAtHand(place, 'refs/heads/'), await refsAtHand(place, 'refs/remotes/')];
  if (known.every((names) => names !== null && !names.map(shortName).some(isOther))) return [];
  const holding = commits.slice(0, MOST_ASKED).flatMap((commit) => ['--contains', commit]);
  const args = ['for-each-ref', '--format=%(refname)%00%(symref)', '--no-merged', head, ...holding];
  const { code, stdout } = await runGit(place, {
    args: [...args, 'refs/heads/', 'refs/remotes/'],
    okCodes: [129],
  });
  const refs = code === 0 ? stdout.toString('utf8').split('\n').filter(Boolean) : [];
  const names = refs
    .map((line) => line.split('\0'))
    .filter(([, symref]) => symref === '')
    .map(([ref = '']) => shortName(ref))
    .filter(isOther);
  if (names.length === 0) return [];
  const more = names.length > MOST_BRANCHES ? ` and ${names.length - MOST_BRANCHES} more` : '';
  return [`on ${names.slice(0, MOST_BRANCHES).join(', ')}${more}: plan it there with --plan --onto`];
}

function shortName(ref: string): string {
  return ref.replace(/^refs\/(heads|remotes)\//, '');
}
