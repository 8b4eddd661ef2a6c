import { type GitPlace, runGit } from '../process/runner.ts';

/** Which of these commits none of the tips has in its history. Those git does not know are not among them. */
export async function unreachedFrom(
  place: GitPlace,
  commits: readonly string[],
  tips: readonly string[],
): Promise<Set<string>> {
  return among(commits, await revList(place, [...commits, ...tips.map((tip) => `^${tip}`)], []));
}

/** Which of these commits no branch, here or as remotes were last seen, has in its history. */
export async function onNoBranch(place: GitPlace, commits: readonly string[]): Promise<Set<string>> {
  return among(commits, await revList(place, commits, ['--not', 'HEAD', '--branches', '--remotes', '--not']));
}

async function revList(
  place: GitPlace,
  revisions: readonly string[],
  options: readonly string[],
): Promise<string> {
  const args = ['rev-list', '--ignore-missing', ...options, '--stdin'];
  const { stdout } = await runGit(place, { args, stdin: revisions.map((one) => `${one}\n`).join('') });
  return stdout.toString('utf8');
}

function among(commits: readonly string[], listed: string): Set<string> {
  const unreached = new Set(listed.split('\n'));
  return new Set(commits.filter((commit) => unreached.has(commit)));
}
