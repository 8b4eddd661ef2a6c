import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { emptyTree } from './index-diff.ts';
import type { Repository } from './repository.ts';
import { gitEnvironment } from './runner.ts';

/** Every setting that could make the same change print differently is pinned; renames are off, so a path is what it is. */
const DIFF = [
  'diff-tree',
  '-p',
  '--full-index',
  '--binary',
  '-U3',
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

/**
 * `git patch-id --verbatim` of the change between two trees or commits; null when there is none. Runs with neither the
 * worktree nor the index in sight, so that no .gitattributes lying about decides what is text.
 */
export function patchId(repo: Repository, from: string | null, to: string): Promise<string | null> {
  const cwd = repo.gitDir;
  const blind = {
    GIT_DIR: cwd,
    GIT_COMMON_DIR: repo.commonDir,
    GIT_WORK_TREE: cwd,
    GIT_INDEX_FILE: join(cwd, 'agent-log', 'no-index'),
  };
  const env = gitEnvironment({ cwd, foreign: true }, blind);
  const place = ['-c', 'core.attributesFile='];
  const diff = spawn('git', [...place, ...DIFF, from ?? emptyTree(repo.format), to, '--'], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const id = spawn('git', [...place, 'patch-id', '--verbatim'], {
    cwd,
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  diff.stdout.pipe(id.stdin);
  id.stdin.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    let text = '';
    id.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    diff.once('error', reject);
    id.once('error', reject);
    id.once('close', () => resolve(/^([0-9a-f]{40,64}) /.exec(text)?.[1] ?? null));
  });
}
