import { runGit } from '../../git/process/runner.ts';
import { refsAtHand } from '../../git/refs/refs-at-hand.ts';
import type { Repository } from '../../git/repository/repository.ts';

const MOST_BRANCHES = 5;
const MOST_LOOKED_AT = 10;
const MOST_ASKED = 50;

/** Where a plan is for, and every commit of what it undoes. */
interface Asked {
  readonly txns: readonly string[];
  readonly branch: string | null;
  readonly head: string;
  readonly commits: readonly string[];
}

/**
 * Other branches that hold commits of the work and are not merged here: each takes a revert of its own, but where it was
 * taken back there already. That is asked of the first ones only.
 */
export async function onOtherBranches(
  place: Repository,
  asked: Asked,
  isInForceOn: (ref: string) => Promise<boolean>,
): Promise<string[]> {
  const refs = await branchesHolding(place, asked);
  const inForce = await Promise.all(refs.slice(0, MOST_LOOKED_AT).map(isInForceOn));
  const names = refs.filter((_, i) => inForce[i] !== false).map(shortName);
  if (names.length === 0) return [];
  const more = names.length > MOST_BRANCHES ? ` and ${names.length - MOST_BRANCHES} more` : '';
  const listed = `${names.slice(0, MOST_BRANCHES).join(', ')}${more}`;
  const say = names.length === 1 ? `branch ${listed} has it too` : `branches ${listed} have it too`;
  return [`${say}: git agent-revert --plan --onto ${ontoWord(names)} ${asked.txns.join(' ')}`];
}

/** Somebody may paste the command, and a branch may be called as a command of a shell is. */
function ontoWord(names: readonly string[]): string {
  const [name = ''] = names;
  return names.length === 1 && /^[\w/][\w./-]*$/.test(name) ? name : '<branch>';
}

async function branchesHolding(place: Repository, { branch, head, commits }: Asked): Promise<string[]> {
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
  return refs
    .map((line) => line.split('\0'))
    .filter(([ref = '', symref]) => symref === '' && isOther(shortName(ref)))
    .map(([ref = '']) => ref);
}

function shortName(ref: string): string {
  return ref.replace(/^refs\/(heads|remotes)\//, '');
}
