import { type GitPlace, runGit } from './runner.ts';

/**
 * Ids of the commits a selection of revisions gives (`--branches`, `A`, `^B`), newest first, `limit` at the most. Null
 * when git does not know one of them.
 */
export async function listCommits(
  place: GitPlace,
  selection: readonly string[],
  limit: number,
): Promise<string[] | null> {
  const args = ['log', '--no-color', '--no-show-signature', '--format=%H', `--max-count=${limit}`];
  const { code, stdout } = await runGit(place, { args: [...args, ...selection, '--'], okCodes: [128] });
  return code === 0 ? stdout.toString('utf8').split('\n').filter(Boolean) : null;
}
