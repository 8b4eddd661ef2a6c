import { realpath } from 'node:fs/promises';
import { AgentLogError } from '../../core/errors.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { runGit } from '../../git/process/runner.ts';
import { remoteNames, remoteRef } from '../../git/refs/remote.ts';
import type { GitConfig } from '../../git/repository/config.ts';
import { currentBranch, type Repository } from '../../git/repository/repository.ts';
import { listWorktrees } from '../../git/repository/worktrees.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { PlanFlags } from '../ways/way.ts';
import type { NamedRepository } from './list.ts';

/** One of several repositories that are reverted together, opened. */
export interface SagaPlace {
  readonly name: string;
  readonly ledger: Ledger;
  readonly scratch: Scratch;
  readonly branch: string;
  /** Whether that branch is checked out here: then index and worktree go with it. */
  readonly isHead: boolean;
  /** Name of the remote the branch is pushed to; null where it stays in this clone. */
  readonly remote: string | null;
  readonly flags: PlanFlags;
  /** The repository's own settings: who commits there, and how. */
  readonly config: GitConfig;
}

/** Where a branch is to be found, before anything is planned there. */
export type Target = Pick<SagaPlace, 'branch' | 'isHead' | 'remote'>;

/** Says that the folder a list names is the repository itself, and not only somewhere in another one. */
export async function isItself({ path }: NamedRepository, repo: Repository): Promise<boolean> {
  const [asked, ...places] = await Promise.all(
    [path, repo.top ?? repo.gitDir, repo.gitDir].map((one) => realpath(one).catch(() => one)),
  );
  return asked !== undefined && places.includes(asked);
}

/** The branch and remote a list asks for. Throws BAD_ARGUMENT, NOT_FOUND or NO_REMOTE where there is no such. */
export async function targetOf(
  repo: Repository,
  asked: Pick<NamedRepository, 'branch' | 'remote'>,
): Promise<Target> {
  const current = repo.top === null ? null : await currentBranch(repo);
  const branch = asked.branch ?? current;
  if (branch === null) throw notFound('no branch is checked out', 'Name one in the list.');
  const { code } = await runGit(repo, {
    args: ['show-ref', '--verify', '--quiet', '--', `refs/heads/${branch}`],
    okCodes: [1, 128],
  });
  if (code !== 0) throw notFound(`there is no branch '${branch}'`, 'Name a branch of this clone.');
  if (branch !== current && (await isCheckedOut(repo, branch)))
    throw notFound(`'${branch}' is checked out in another worktree`, 'List that worktree instead.');
  if (asked.remote !== undefined && !(await remoteNames(repo)).includes(asked.remote))
    throw new AgentLogError('NO_REMOTE', 'answer', `there is no remote '${asked.remote}'`, {
      hints: ['Name a remote as `git remote` does.'],
    });
  return { branch, isHead: branch === current, remote: asked.remote ?? null };
}

/** What the remote has of the branch; null where it has none. Throws GIT_FAILED when it can't be asked. */
export function remoteTip({ ledger, remote, branch }: SagaPlace): Promise<string | null> {
  return remoteRef(ledger.repo, { address: remote ?? '', unattended: null }, `refs/heads/${branch}`);
}

async function isCheckedOut(repo: Repository, branch: string): Promise<boolean> {
  const others = await listWorktrees(repo);
  const branches = await Promise.all(others.map((worktree) => currentBranch({ ...repo, ...worktree })));
  return branches.includes(branch);
}

function notFound(problem: string, hint: string): AgentLogError {
  return new AgentLogError('NOT_FOUND', 'answer', problem, { hints: [hint] });
}
