import { AgentLogError } from '../core/errors.ts';
import { isUlid, isUlidPrefix } from '../core/ulid.ts';
import { readCommit } from '../git/objects/objects.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type FoundTxn, findTxn } from '../ledger/reading/txn.ts';
import { readRegroups } from '../ledger/told/regroups.ts';

/** Commits to replay, and which of their records are asked for. */
export interface Work {
  readonly commits: readonly string[];
  readonly isAsked?: (digest: string, txn: string) => boolean;
}

/**
 * The work somebody means by a commit, by a transaction's id, or by 8 or more of its first characters. A whole id is an id,
 * whatever branch or tag is called so. Throws NOT_FOUND.
 */
export async function workNamed(ledger: Ledger, name: string): Promise<Work> {
  const id = name.toUpperCase();
  const byId = isUlid(id) ? await findTxn(ledger, id) : null;
  if (byId !== null) return workOf(ledger, byId);
  const commit = await readCommit(ledger.reader, name);
  if (commit !== null) return { commits: [commit.oid] };
  const found = isUlidPrefix(name) ? await findTxn(ledger, id) : null;
  if (found !== null) return workOf(ledger, found);
  throw new AgentLogError('NOT_FOUND', 'answer', `no commit or transaction is called '${name}'`, {
    hints: [
      'A transaction is named by its id, or by 8 or more of its first characters; `git agent-log list` shows them.',
    ],
  });
}

async function workOf(ledger: Ledger, { txn, commits }: FoundTxn): Promise<Work> {
  const regroups = await readRegroups(ledger);
  return { commits, isAsked: (digest, recorded) => regroups.txnOf(digest, recorded) === txn };
}
