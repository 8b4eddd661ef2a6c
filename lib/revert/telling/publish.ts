import { gitText, runGit } from '../../git/process/runner.ts';
import { readConfig } from '../../git/repository/config.ts';
import { currentBranch, type Repository, remoteHeadBranch } from '../../git/repository/repository.ts';

/** How a branch with a revert on it gets to the others. Nothing is pushed here. */
export interface NextStep {
  readonly branch: string;
  /** The remote to push to; null where there is none. */
  readonly remote: string | null;
  /** The branch a merge request would be for; null where nobody knows. */
  readonly target: string | null;
}

/** Where git would push a new branch to, and what for. */
export async function whereNext(repo: Repository, branch: string): Promise<NextStep> {
  const config = await readConfig(repo, ['remote', 'branch']);
  const remotes = (await gitText(repo, 'remote')).split('\n').filter(Boolean);
  const here = await currentBranch(repo);
  const named = [
    config.get('remote.pushdefault'),
    here === null ? undefined : config.get(`branch.${here}.remote`),
    'origin',
    remotes[0],
  ];
  const remote = named.find((name) => name !== undefined && remotes.includes(name)) ?? null;
  return { branch, remote, target: (await remoteHeadBranch(repo)) ?? here };
}

/**
 * The branch of the remote's in which a commit, merged or squashed with all that leads to it, would change nothing: the work and its revert
 * go there together. Null where it changes something, or nobody knows that branch.
 */
export async function emptyAgainst(repo: Repository, commit: string): Promise<string | null> {
  const name = await remoteHeadBranch(repo);
  const target = `refs/remotes/origin/${name ?? ''}`;
  if (name === null) return null;
  const { code, stdout } = await runGit(repo, { args: ['merge-base', target, commit], okCodes: [1, 128] });
  const base = stdout.toString('utf8').trim();
  if (code !== 0 || base === commit) return null;
  const [before, after] = await Promise.all(
    [base, commit].map((one) => gitText(repo, 'rev-parse', `${one}^{tree}`)),
  );
  return before === after ? `origin/${name}` : null;
}
