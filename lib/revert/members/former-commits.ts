import { join } from 'node:path';
import { AgentLogError } from '../../core/errors.ts';
import { type ObjectReader, openObjectReader } from '../../git/objects/catfile.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { fetchCommits, remoteNames } from '../../git/refs/remote.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { membersOf, type TxnMember, txnNamed } from '../../ledger/reading/txn.ts';
import { defaultRemote } from '../../ledger/sync/remote-ledger.ts';
import { readRegroups } from '../../ledger/told/regroups.ts';

/** A ledger that sees what was fetched, and what could not be. */
export interface Former {
  readonly ledger: Ledger;
  /** Commits that are nowhere to be had. */
  readonly missing: readonly string[];
}

/** A transaction has few commits; of one with more than this the rest is not asked for. */
const MOST_COMMITS = 500;

/** Longer than this nobody waits for what may not be there. */
const LIMIT_MS = 30_000;

/**
 * Gets the commits that some transactions were made as, where a squash took their place and a fresh clone lacks them:
 * without them nobody can tell their work from what else is in the squash. They go to the scratch repository only.
 */
export async function withFormerCommits(
  ledger: Ledger,
  scratch: Scratch,
  names: readonly string[],
): Promise<Former> {
  const missing = await formerCommits(ledger, names);
  if (missing.length === 0 || (await remoteNames(ledger.repo)).length === 0) return { ledger, missing };
  if (!(await fetched(ledger, scratch, missing))) return { ledger, missing };
  return { ledger: { ...ledger, reader: alsoFrom(ledger.reader, openObjectReader(scratch)) }, missing: [] };
}

/** False where there is no remote to ask, or it can't be reached or does not give them. Nobody is asked for a password. */
async function fetched({ repo }: Ledger, scratch: Scratch, commits: readonly string[]): Promise<boolean> {
  const objects = { own: join(repo.commonDir, 'objects'), into: join(scratch.dir, 'objects') };
  try {
    const address = await defaultRemote(repo);
    await fetchCommits(repo, { address, unattended: { until: Date.now() + LIMIT_MS } }, commits, objects);
    return true;
  } catch (error) {
    if (error instanceof AgentLogError && ['NO_REMOTE', 'GIT_FAILED'].includes(error.code)) return false;
    throw error;
  }
}

async function formerCommits(ledger: Ledger, names: readonly string[]): Promise<string[]> {
  const regroups = await readRegroups(ledger);
  const found = await Promise.all(names.map((name) => txnNamed(ledger, name)));
  const members = await Promise.all(found.map(({ txn }) => membersOf(ledger, regroups, txn)));
  const wanted = [
    ...new Set(
      members
        .flat()
        .filter(isNotAlone)
        .map(({ commit }) => commit),
    ),
  ];
  const here = await Promise.all(wanted.map((commit) => ledger.reader.read(`${commit}^{commit}`)));
  return wanted.filter((_, i) => here[i] === null).slice(0, MOST_COMMITS);
}

/** Whether its work may be in a commit together with other work. */
function isNotAlone({ landings }: TxnMember): boolean {
  const alone = landings.some(({ grade }) => grade === 'exact' || grade === 'same-patch');
  return !alone;
}

/** What a record tells of its work are trees. Their commits are not to be taken for the clone's own. */
const TREE = /^[0-9a-f]{40}(?:[0-9a-f]{24})?\^\{tree\}$/;

function alsoFrom(first: ObjectReader, second: ObjectReader): ObjectReader {
  return {
    read: async (name) => (await first.read(name)) ?? (TREE.test(name) ? second.read(name) : null),
    close: () => {
      first.close();
      second.close();
    },
  };
}
