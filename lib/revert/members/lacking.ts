import { messageOf } from '../../core/errors.ts';
import { objectInfos } from '../../git/objects/object-sizes.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { runGit } from '../../git/process/runner.ts';
import { fetchObjects } from '../../git/refs/remote.ts';
import { promisorOf } from '../../git/repository/partial-clone.ts';
import type { Repository } from '../../git/repository/repository.ts';
import type { TreePair } from '../../git/trees/tree-diff.ts';

const FETCH_LIMIT_MS = 60_000;

/**
 * Gets what a partial clone lacks of some changes, so that nothing is taken for empty that is only not here. Gives why it
 * could not, as a sentence; null when all of it is here.
 */
export async function fetchLacking(
  repo: Repository,
  scratch: Scratch,
  pairs: readonly TreePair[],
): Promise<string | null> {
  const remote = await promisorOf(repo);
  if (remote === null || pairs.length === 0) return null;
  try {
    const missing = await missingFrom(scratch, await blobsOf(scratch, pairs));
    if (missing.length === 0) return null;
    const unattended = { until: Date.now() + FETCH_LIMIT_MS };
    await fetchObjects(repo, { address: remote, unattended }, missing);
    const still = await missingFrom(scratch, missing);
    return still.length === 0 ? null : lacks(remote, `${still.length} of its objects are not there`);
  } catch (error) {
    return lacks(remote, messageOf(error));
  }
}

function lacks(remote: string, problem: string): string {
  return `this clone is partial, and what it lacks could not be fetched from ${remote}: ${problem}`;
}

/** The scratch repository knows no remote: what is not here it calls missing, and asks nobody. */
async function missingFrom(scratch: Scratch, oids: readonly string[]): Promise<string[]> {
  const here = await objectInfos(scratch, oids);
  return oids.filter((oid) => !here.has(oid));
}

/** The files' contents before and after each change. */
async function blobsOf(scratch: Scratch, pairs: readonly TreePair[]): Promise<string[]> {
  const args = ['diff-tree', '--stdin', '-r', '--raw', '--no-renames', '--no-abbrev', '--no-ext-diff'];
  const stdin = [...new Set(pairs.map(({ from, to }) => `${from} ${to}\n`))].join('');
  const { stdout } = await runGit(scratch, { args, stdin, env: scratch.env });
  const blobs = new Set<string>();
  for (const line of stdout.toString('latin1').split('\n')) {
    const [, modeFrom, modeTo, from, to] = /^:(\d{6}) (\d{6}) ([0-9a-f]+) ([0-9a-f]+) /.exec(line) ?? [];
    if (from !== undefined && isFile(modeFrom)) blobs.add(from);
    if (to !== undefined && isFile(modeTo)) blobs.add(to);
  }
  return [...blobs];
}

function isFile(mode: string | undefined): boolean {
  return mode !== undefined && mode !== '000000' && mode !== '160000';
}
