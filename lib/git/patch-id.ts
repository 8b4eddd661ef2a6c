import { spawn } from 'node:child_process';
import { emptyTree } from './index-diff.ts';
import { blindPlace, PINNED_DIFF, PINNED_SETTINGS } from './pinned-diff.ts';
import type { Repository } from './repository.ts';
import { gitEnvironment } from './runner.ts';

const DIFF = ['diff-tree', ...PINNED_DIFF, '--binary', '-U3'];

/**
 * `git patch-id --verbatim` of the change between two trees or commits; null when there is none.
 */
export function patchId(repo: Repository, from: string | null, to: string): Promise<string | null> {
  const { cwd, env: blind } = blindPlace(repo);
  const env = gitEnvironment({ cwd, foreign: true }, blind);
  const diff = spawn('git', [...PINNED_SETTINGS, ...DIFF, from ?? emptyTree(repo.format), to, '--'], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const id = spawn('git', [...PINNED_SETTINGS, 'patch-id', '--verbatim'], {
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
