import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import { readCommit } from '../../git/objects/objects.ts';
import { runGit } from '../../git/process/runner.ts';
import type { Ledger } from '../../ledger/ledger.ts';

const MOST_PATHS = 200;

/** Who has worked on some files since, but for the work that goes: by name and e-mail, who did most first. */
export async function affectedBy(
  { repo, reader }: Ledger,
  since: string,
  tip: string,
  paths: readonly string[],
  going: ReadonlySet<string>,
): Promise<RevertPlan['affected']> {
  if (paths.length === 0 || since === tip || (await isOnly(reader, going, since, tip))) return [];
  const args = ['log', '--no-show-signature', '--no-merges', '-z', '--format=%H %an <%ae>', tip, `^${since}`];
  const pathspecs = paths.slice(0, MOST_PATHS).map((path) => `:(top,literal)${path}`);
  const { stdout } = await runGit(repo, { args: [...args, '--', ...pathspecs] });
  const counts = new Map<string, number>();
  for (const line of stdout.toString('utf8').split('\0').filter(Boolean)) {
    const end = line.indexOf(' ');
    const author = line.slice(end + 1).trim();
    if (!going.has(line.slice(0, end))) counts.set(author, (counts.get(author) ?? 0) + 1);
  }
  return [...counts].map(([author, commits]) => ({ author, commits })).sort((a, b) => b.commits - a.commits);
}

/** Whether nothing came between two commits but some, one after another: then nobody else has worked on anything. */
async function isOnly(
  reader: Ledger['reader'],
  commits: ReadonlySet<string>,
  since: string,
  tip: string,
): Promise<boolean> {
  let at = tip;
  while (at !== since) {
    const commit = commits.has(at) ? await readCommit(reader, at) : null;
    const [parent, ...others] = commit?.parents ?? [];
    if (parent === undefined || others.length > 0) return false;
    at = parent;
  }
  return true;
}
