import type { ExecutionRecord, StoredRecord } from '../../core/records/record.ts';
import type { ObjectReader } from '../../git/objects/catfile.ts';
import { type Commit, readCommit } from '../../git/objects/objects.ts';
import { emptyTree, type StagedChange } from '../../git/repository/index-diff.ts';
import { type Repository, remoteHeadBranch } from '../../git/repository/repository.ts';
import { treeChanges } from '../../git/trees/tree-diff.ts';
import type { Evidence } from '../commit/attribute.ts';
import type { SealContext } from '../commit/context.ts';
import type { CommitScene } from '../commit/scene.ts';
import { buildRecord } from '../commit/seal.ts';
import type { SessionState } from '../session/session.ts';
import { noteRecorded, noteSealed, settleSession } from '../session/settle.ts';
import { isDefaultBranch } from '../transaction/boundary.ts';
import { loadTxn, settleTxn, type TxnState } from '../transaction/transaction.ts';
import { transactionFor } from '../transaction/transaction-for.ts';
import { sessionAt } from './moment.ts';

/** A commit that no hook saw being made, and the session it belongs to. */
export interface LateCommit {
  readonly commit: Commit;
  readonly changes: readonly StagedChange[];
  readonly amends: string | null;
  /** Key of the session. */
  readonly session: string;
  /** Milliseconds since 1970 up to which the session's events belong to it. */
  readonly at: number;
  readonly branch: string | null;
  readonly evidence: readonly Evidence[];
  readonly gaps: readonly string[];
  /** The worktree it was made in, and the sub-agent that made it, where that is known. */
  readonly top: string | null;
  readonly agentId: string | null;
}

/** Changed files of a late commit that are looked at. */
const MAX_CHANGES = 5000;

/** What each commit changes against its first parent. */
export async function changesOf(
  repo: Repository,
  reader: ObjectReader,
  commits: readonly Commit[],
): Promise<(readonly StagedChange[])[]> {
  const pairs = await Promise.all(
    commits.map(async ({ parents: [first], tree }) => {
      const parent = first === undefined ? null : await readCommit(reader, first);
      return { from: parent?.tree ?? emptyTree(repo.format), to: tree };
    }),
  );
  const all: (readonly StagedChange[])[] = [];
  for await (const { changes } of treeChanges(repo, pairs, MAX_CHANGES)) all.push(changes);
  return all;
}

/**
 * The record of a commit that is there already. It takes what it holds out of the session, so that the next one does
 * not hold it again, and goes into its transaction: `txns` has those that are not saved yet, and gets this one's.
 */
export async function recordLate(
  context: SealContext,
  reader: ObjectReader,
  session: SessionState,
  late: LateCommit,
  txns: Map<string, TxnState>,
): Promise<StoredRecord<ExecutionRecord>> {
  const scene = await sceneOf(context, reader, late);
  const { evidence, gaps, top, agentId } = late;
  const agent = { name: session.agent, sessionId: session.sessionId, version: session.version };
  const actor = {
    agent,
    session: sessionAt(session, late.at),
    txn: null,
    late: { evidence, gaps, top, agentId },
  };
  const txn = await transactionFor(
    context,
    actor,
    scene,
    async (id) => txns.get(id) ?? loadTxn(context.place, id),
  );
  const stored = await buildRecord(context, actor, txn, scene, reader, []);
  noteSealed(session, stored.digest);
  settleSession(session, stored.digest, stored.record);
  noteRecorded(session, stored.digest, stored.record, late.commit.oid);
  txns.set(txn.txn, settleTxn(txn, stored.digest, stored.record, late.commit.oid));
  return stored;
}

async function sceneOf(
  { repo, config }: SealContext,
  reader: ObjectReader,
  { commit, changes, amends, branch }: LateCommit,
): Promise<CommitScene> {
  // HEAD as it was: what was replaced, or what the commit stands on.
  const from = amends ?? commit.parents[0];
  const [head, remoteHead] = await Promise.all([
    from === undefined ? null : readCommit(reader, from),
    remoteHeadBranch(repo),
  ]);
  return {
    head: { commit: head?.oid ?? null, tree: head?.tree ?? null, parents: [...(head?.parents ?? [])] },
    branch,
    isDefaultBranch: isDefaultBranch(branch, remoteHead, config),
    remoteHead,
    tree: commit.tree,
    changes,
    // The ledger it saw is not known any more.
    ledger: null,
    amends,
  };
}
