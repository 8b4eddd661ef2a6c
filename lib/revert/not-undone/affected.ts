import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import { type GitPlace, runGit } from '../../git/runner.ts';

const MOST_PATHS = 200;

/** Who has worked on some files since, but for the work that goes: by name and e-mail, who did most first. */
export async function affectedBy(
  place: GitPlace,
  since: string,
  tip: string,
  paths: readonly string[],
  going: ReadonlySet<string>,
): Promise<RevertPlan['affected']> {
  if (paths.length === 0 || since === tip) return [];
  const args = ['log', '--no-show-signature', '--no-merges', '-z', '--format=%H %an <%ae>', tip, `^${since}`];
  const pathspecs = paths.slice(0, MOST_PATHS).map((path) => `:(top,literal)${path}`);
  const { stdout } = await runGit(place, { args: [...args, '--', ...pathspecs] });
  const counts = new Map<string, number>();
  for (const line of stdout.toString('utf8').split('\0').filter(Boolean)) {
    const end = line.indexOf(' ');
    const author = line.slice(end + 1).trim();
    if (!going.has(line.slice(0, end))) counts.set(author, (counts.get(author) ?? 0) + 1);
  }
  return [...counts].map(([author, commits]) => ({ author, commits })).sort((a, b) => b.commits - a.commits);
}
