import { type GitPlace, runGit } from './runner.ts';

/**
 * Ids of the commits some revisions (`A`, `^B`, `--not`) reach, newest first, `limit` at the most; with `since`, in
 * seconds since 1970, only as far back as that. Null when git does not know one of them.
 */
export async function listCommits(
  place: GitPlace,
  revisions: readonly string[],
  limit: number,
  since?: number,
): Promise<string[] | null> {
  const args = ['log', '--stdin', '--no-color', '--no-show-signature', '--format=%H', `--max-count=${limit}`];
  const { code, stdout } = await runGit(place, {
    args: since === undefined ? args : [...args, `--since=${since}`],
    stdin: revisions.map((revision) => `${revision}\n`).join(''),
    okCodes: [128],
  });
  return code === 0 ? stdout.toString('utf8').split('\n').filter(Boolean) : null;
}

/** The commits branches of this clone are at, each once. */
export async function branchTips(place: GitPlace): Promise<string[]> {
  const { stdout } = await runGit(place, { args: ['for-each-ref', '--format=%(objectname)', 'refs/heads'] });
  return [...new Set(stdout.toString('utf8').split('\n').filter(Boolean))];
}
