import { type GitPlace, runGit } from '../process/runner.ts';
import { streamGit } from '../process/stream.ts';

/** A commit a branch has been at. */
export interface BranchCommit {
  readonly oid: string;
  /**
   * Milliseconds since 1970: the latest committer date of it and of those the branch was at before. Whoever makes a commit chooses its date, and
   * can so make it look later than it is, but no earlier than what it stands on.
   */
  readonly notBefore: number;
}

/** What a branch was at, oldest first: its history by first parents. Throws GIT_FAILED when git does not know it. */
export async function firstParents(place: GitPlace, tip: string): Promise<BranchCommit[]> {
  const args = ['rev-list', '--first-parent', '--timestamp', '--end-of-options', tip];
  const chunks: Buffer[] = [];
  for await (const chunk of streamGit(place, { args })) chunks.push(chunk);
  const lines = Buffer.concat(chunks).toString('latin1').split('\n').filter(Boolean);
  let latest = 0;
  return lines.reverse().map((line) => {
    const [time = '', oid = ''] = line.split(' ');
    latest = Math.max(latest, Number(time) * 1000);
    return { oid, notBefore: latest };
  });
}

/** The trees a branch has had, newest first, each once, `most` commits back: by first parents, down to what some others have. Throws GIT_FAILED. */
export async function treesOnLine(
  place: GitPlace,
  { tip, not }: { readonly tip: string; readonly not: readonly string[] },
  most: number,
): Promise<string[]> {
  const search = ['log', '--first-parent', `--max-count=${most}`, '--format=%T', '--no-show-signature'];
  const ends = [tip, ...not.map((oid) => `^${oid}`)];
  const { stdout } = await runGit(place, { args: [...search, '--end-of-options', ...ends, '--'] });
  return [...new Set(stdout.toString('latin1').split('\n').filter(Boolean))];
}
