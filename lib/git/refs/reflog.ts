import { type GitPlace, runGit } from '../process/runner.ts';

/** One step of a ref: what it pointed at afterwards, and what git says moved it. */
export interface ReflogEntry {
  readonly oid: string;
  /** As git's own commands word it (`commit (amend): …`); empty for plumbing that gave no message. */
  readonly action: string;
}

/** The newest steps of a ref, newest first. HEAD is the one of the worktree `place` is in. Empty where there is no log. */
export async function readReflog(place: GitPlace, ref: string, limit: number): Promise<ReflogEntry[]> {
  const args = [
    'log',
    '-g',
    '-z',
    '--no-color',
    '--no-show-signature',
    '--format=%H%x01%gs',
    `--max-count=${limit}`,
    '--end-of-options',
    ref,
    '--',
  ];
  const { code, stdout } = await runGit(place, { args, okCodes: [128] });
  if (code !== 0) return [];
  return stdout
    .toString('utf8')
    .split('\0')
    .filter(Boolean)
    .map((entry) => {
      const [oid = '', action = ''] = entry.split('\u0001', 2);
      return { oid, action };
    });
}
