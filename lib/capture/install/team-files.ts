import { lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AgentLogError } from '../../core/errors.ts';
import type { Repository } from '../../git/repository/repository.ts';
import type { Installed } from './installed.ts';
import type { PlannedFile } from './plan.ts';

/** A file for the team to review and commit: `path` is from the top of the worktree. */
export interface TeamFile {
  readonly path: string;
  readonly content: string;
}

export interface PlannedTeamFiles {
  readonly files: readonly PlannedFile[];
  /** What somebody put there before us: it is theirs. */
  readonly kept: readonly string[];
  readonly afterwards: readonly string[];
}

/** Only what is not there yet is written, and nothing through a symbolic link. */
export async function planTeamFiles(
  repo: Repository,
  wanted: readonly TeamFile[],
  installed: Installed | null,
): Promise<PlannedTeamFiles> {
  const top = topFor(repo, wanted);
  const files: PlannedFile[] = [];
  const kept: string[] = [];
  for (const { path, content } of wanted) {
    const full = join(top, path);
    const folder = await lstat(dirname(full)).catch(() => null);
    if (folder !== null && !folder.isDirectory()) throw noFolder(dirname(path));
    if ((await lstat(full).catch(() => null)) === null)
      files.push({ path: full, content, executable: false, kind: 'team', what: [path] });
    else if (installed?.changes.some((change) => change.path === full) !== true) kept.push(full);
  }
  const names = wanted.map(({ path }) => path).join(' and ');
  const afterwards =
    files.length === 0
      ? []
      : [`look through ${names}, and commit them: they count once they are on the default branch`];
  return { files, kept, afterwards };
}

function topFor(repo: Repository, wanted: readonly TeamFile[]): string {
  if (repo.top !== null || wanted.length === 0) return repo.top ?? repo.gitDir;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', 'a bare repository has no worktree to write a policy to', {
    hints: ['Run it in a clone, commit the policy there, and push it.'],
  });
}

function noFolder(path: string): AgentLogError {
  return new AgentLogError('BAD_ARGUMENT', 'answer', `${path} is no folder`, {
    hints: ['A policy lies in a folder of the repository: a link, or a file of that name, has to go first.'],
  });
}
