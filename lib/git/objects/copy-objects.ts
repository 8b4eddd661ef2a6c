import { runGit } from '../process/runner.ts';
import type { Repository } from '../repository/repository.ts';
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
  if (list.stdout.length > 0) await copyListed(scratch, repo, list.stdout);
}

/** The same for some objects by themselves. */
export async function copyObjects(
  scratch: Scratch,
  repo: Repository,
  oids: readonly string[],
): Promise<void> {
  if (oids.length > 0) await copyListed(scratch, repo, `${oids.join('\n')}\n`);
}

async function copyListed(scratch: Scratch, repo: Repository, list: string | Buffer): Promise<void> {
  const pack = await runGit(scratch, {
    args: ['pack-objects', '--stdout', '-q', '--delta-base-offset'],
    stdin: list,
    env: scratch.env,
  });
  await runGit(repo, {
    args: ['-c', 'core.fsync=loose-object,pack,pack-metadata', 'unpack-objects', '-q'],
    stdin: pack.stdout,
  });
}
