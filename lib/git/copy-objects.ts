import type { Repository } from './repository.ts';
import { runGit } from './runner.ts';
import type { Scratch } from './scratch.ts';

/**
 * Puts what a tree needs, and a repository has not, from a scratch repository into it: durable when this returns. `known`
 * is a tree it has in full.
 */
export async function copyTree(
  scratch: Scratch,
  repo: Repository,
  tree: string,
  known: string,
): Promise<void> {
  const list = await runGit(scratch, {
    args: ['rev-list', '--objects', '--no-object-names', tree, `^${known}`],
    env: scratch.env,
  });
  if (list.stdout.length === 0) return;
  const pack = await runGit(scratch, {
    args: ['pack-objects', '--stdout', '-q', '--delta-base-offset'],
    stdin: list.stdout,
    env: scratch.env,
  });
  await runGit(repo, {
    args: ['-c', 'core.fsync=loose-object,pack,pack-metadata', 'unpack-objects', '-q'],
    stdin: pack.stdout,
  });
}
