import { join } from 'node:path';
import type { GitCall } from '../process/runner.ts';
import { quarantineEnv } from '../repository/quarantine.ts';
import type { Repository } from '../repository/repository.ts';

/** Every setting that could make the same change print differently is pinned; renames are off, so a path is what it is. */
export const PINNED_DIFF: readonly string[] = [
  '-p',
  '--full-index',
  '--inter-hunk-context=0',
  '--no-renames',
  '--no-color',
  '--no-ext-diff',
  '--no-textconv',
  '--diff-algorithm=myers',
  '--indent-heuristic',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '--ignore-submodules=none',
  '--submodule=short',
];

/** The settings no flag of diff-tree can override. */
export const PINNED_SETTINGS: readonly string[] = [
  'core.attributesFile=',
  'core.quotePath=true',
  'core.bigFileThreshold=512m',
  'diff.suppressBlankEmpty=false',
].flatMap((setting) => ['-c', setting]);

/** A place with neither the worktree nor the index in sight, so that no .gitattributes lying about decides what is text. */
export function blindPlace(repo: Repository): {
  readonly cwd: string;
  readonly env: NonNullable<GitCall['env']>;
} {
  const cwd = repo.gitDir;
  return {
    cwd,
    env: {
      GIT_DIR: cwd,
      GIT_COMMON_DIR: repo.commonDir,
      GIT_WORK_TREE: cwd,
      GIT_INDEX_FILE: join(cwd, 'agent-log', 'no-index'),
      GIT_ATTR_NOSYSTEM: '1',
      GIT_DIFF_OPTS: undefined,
      ...quarantineEnv(),
    },
  };
}
