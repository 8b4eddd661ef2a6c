import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectFormat } from '../../core/digest.ts';
import { AgentLogError } from '../../core/errors.ts';
import { type GitPlace, type GitResult, runGit } from '../process/runner.ts';
import { REPOSITORY_QUERY } from './repository-query.ts';

/** A repository as one worktree sees it. All paths absolute. */
export interface Repository extends GitPlace {
  readonly gitDir: string;
  readonly commonDir: string;
  /** Top of the worktree; null in a bare repository. */
  readonly top: string | null;
  readonly format: ObjectFormat;
  /** When git is to have made every patch-id that is asked for, in milliseconds since 1970: a stranger's trees may take for ever. */
  readonly patchesUntil?: number;
}

/** Finds the repository around a folder, as git does. Throws NOT_A_REPOSITORY. */
export async function findRepository(place: GitPlace): Promise<Repository> {
  return repositoryFrom(place, await runGit(place, { args: REPOSITORY_QUERY, okCodes: [128] }));
}

/** The repository git's answer to the query tells of. Throws NOT_A_REPOSITORY. */
export function repositoryFrom(place: GitPlace, { code, stdout }: GitResult): Repository {
  const [gitDir, commonDir, format, top] = stdout.toString('utf8').split('\n');
  if (!gitDir || !commonDir || !format) throw notARepository(place.cwd);
  return {
    ...place,
    gitDir,
    commonDir,
    format: format === 'sha256' ? 'sha256' : 'sha1',
    top: code === 0 && top ? top : null,
  };
}

/** The folder that holds everything of ours that is no git object. */
export function agentLogDir(repo: Repository): string {
  return join(repo.commonDir, 'agent-log');
}

/** The branch HEAD names; null when it is detached. Read as a file: a process would tell the same, later. */
export async function currentBranch(repo: Repository): Promise<string | null> {
  const head = await readFile(join(repo.gitDir, 'HEAD'), 'utf8').catch(() => '');
  return /^ref: refs\/heads\/(.+)\n?$/.exec(head)?.[1] ?? null;
}

/** The branch the remote calls its own; null when there is no remote or it was never asked. */
export async function remoteHeadBranch(repo: Repository): Promise<string | null> {
  const head = await readFile(join(repo.commonDir, 'refs', 'remotes', 'origin', 'HEAD'), 'utf8').catch(
    () => '',
  );
  return /^ref: refs\/remotes\/origin\/(.+)\n?$/.exec(head)?.[1] ?? null;
}

function notARepository(cwd: string): AgentLogError {
  return new AgentLogError('NOT_A_REPOSITORY', 'system', `not a git repository: ${cwd}`, {
    hints: ['Go into a repository, or name one with -C <dir>.'],
  });
}
