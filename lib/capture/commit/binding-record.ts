import type { BindingRecord } from '../../core/generated/binding-v1.types.ts';
import type { ExecutionRecord, StoredRecord } from '../../core/records/record.ts';
import { newUlid } from '../../core/ulid.ts';
import { patchId } from '../../git/diffs/patch-id.ts';
import type { Commit } from '../../git/objects/objects.ts';
import type { Ledger } from '../../ledger/ledger.ts';

/** What ties a record to a commit, as far as it can be decided before the binding record is written. */
export interface Tie {
  readonly stored: StoredRecord<ExecutionRecord>;
  readonly commit: Commit;
  readonly grade: BindingRecord['grade'];
  readonly sealed: boolean;
  readonly via: string;
  readonly branch: string | null;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The record that says which commit an execution record belongs to, with what is known only now. */
export async function bindingRecord(ledger: Ledger, tie: Tie): Promise<BindingRecord> {
  const { stored, commit, grade, sealed, via, branch, now } = tie;
  return {
    schema: 'agent-log/binding/v1',
    id: newUlid(now),
    txn: stored.record.txn,
    record: stored.digest,
    commit: commit.oid,
    parents: [...commit.parents],
    tree: commit.tree,
    // A merge's difference from one parent says nothing about the work.
    patchId:
      commit.parents.length > 1 ? null : await patchId(ledger.repo, commit.parents[0] ?? null, commit.oid),
    grade,
    sealed,
    via,
    branch,
    boundAt: new Date(now).toISOString(),
  };
}
