import type { RevertPlan } from '../core/generated/plan-v1.types.ts';
import { type GitPlace, runGit } from '../git/runner.ts';

const MOST_TAGS = 10;

/** What a revert leaves as it is, in words: what was released with it, and what lies outside of the files. */
export async function notUndone(
  place: GitPlace,
  oldest: string,
  files: RevertPlan['files'],
): Promise<string[]> {
  const tags = await tagsHolding(place, oldest);
  const named = tags.slice(0, MOST_TAGS).join(', ');
  const more = tags.length > MOST_TAGS ? ` and ${tags.length - MOST_TAGS} more` : '';
  const of = (risk: string): string[] =>
    files.filter(({ classes }) => classes.includes(risk)).map(({ path }) => path);
  const told = (paths: readonly string[], what: string): string[] =>
    paths.length === 0 ? [] : [`${paths.slice(0, 5).join(', ')}: ${what}`];
  return [
    ...(tags.length === 0 ? [] : [`released already: ${named}${more}`]),
    ...told(
      of('secrets-and-crypto'),
      'if it held a secret, that is still in history: change it where it is used',
    ),
    ...told(of('data-migration'), 'what a migration did to a database stays: it takes a migration forward'),
  ];
}

async function tagsHolding(place: GitPlace, commit: string): Promise<string[]> {
  const args = ['for-each-ref', '--format=%(refname:strip=2)', '--contains', commit, 'refs/tags/'];
  const { code, stdout } = await runGit(place, { args, okCodes: [129] });
  return code === 0 ? stdout.toString('utf8').split('\n').filter(Boolean) : [];
}

const MOST_BRANCHES = 5;
const MOST_ASKED = 50;

/** Other branches that hold commits of the work and are not merged here: each takes a revert of its own. */
export async function onOtherBranches(
  place: GitPlace,
  { branch, head, commits }: { branch: string | null; head: string; commits: readonly string[] },
): Promise<string[]> {
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
    .map(([ref = '']) => ref.replace(/^refs\/(heads|remotes)\//, ''))
    .filter((name) => name !== branch && !name.endsWith(`/${branch ?? ''}`));
  if (names.length === 0) return [];
  const more = names.length > MOST_BRANCHES ? ` and ${names.length - MOST_BRANCHES} more` : '';
  return [`on ${names.slice(0, MOST_BRANCHES).join(', ')}${more}: plan it there with --plan --onto`];
}
