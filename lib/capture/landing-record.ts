import type { ExecutionRecord, LandingRecord, StoredRecord } from '../core/records/record.ts';
import { newUlid } from '../core/ulid.ts';
import type { Commit } from '../git/objects/objects.ts';
import { patchOf, shapeOf } from '../ledger/binding/grade.ts';
import type { Ledger } from '../ledger/ledger.ts';

/** That a record's work is in a commit it was not made for, as far as it can be decided before the landing is written. */
export interface Landed {
  readonly stored: StoredRecord<ExecutionRecord>;
  /** The commit whose note holds the record. */
  readonly from: string;
  readonly commit: Commit;
  readonly grade: LandingRecord['grade'];
  readonly sealed: boolean;
  readonly proof: LandingRecord['proof'];
  /** Of a squash: the commits whose changes taken together it makes, where that is known. */
  readonly range?: LandingRecord['range'];
  readonly via: string;
  readonly branch: string | null;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The record that says in which commit an execution record's work is now. */
export async function landingRecord(ledger: Ledger, landed: Landed): Promise<LandingRecord> {
  const { stored, from, commit, grade, sealed, proof, range, via, branch, now } = landed;
  return {
    schema: 'agent-log/landing/v1',
    id: newUlid(now),
    txn: stored.record.txn,
    record: stored.digest,
    from,
    commit: commit.oid,
    parents: [...commit.parents],
    tree: commit.tree,
    patchId: await patchOf(ledger, await shapeOf(ledger, commit)),
    grade,
    sealed,
    proof,
    ...(range === undefined ? {} : { range }),
    via,
    branch,
    landedAt: new Date(now).toISOString(),
  };
}
