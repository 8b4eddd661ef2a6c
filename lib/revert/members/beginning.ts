import type { ExecutionRecord, StoredRecord } from '../../core/records/record.ts';
import { commonAncestor } from '../../git/history/fork-point.ts';
import { readCommit } from '../../git/objects/objects.ts';
import type { Ledger } from '../../ledger/ledger.ts';

/** Git is given this many ids at most: nobody reverts so many transactions at once. */
const MOST_BASES = 100;

/**
 * A commit with nothing of some transactions (by every id they have had) in what it leads to, itself included; null when
 * that can't be told. A commit that names a record by its digest was made after it, that record after the one before it,
 * and the first of them after the commit it says it began on: ids and digests are made of contents, so no clock and no lie
 * about a base changes that. Of several first records it is what all bases lead to: one more never hides what another
 * leads to. A record that is not here may have begun earlier, so each id has to have a first one, and each record the
 * one before it.
 */
export async function beginningOf(
  { repo, reader }: Ledger,
  ids: readonly string[],
  records: readonly StoredRecord<ExecutionRecord>[],
): Promise<string | null> {
  const bases = basesOf(ids, records);
  if (bases === null || bases.length > MOST_BASES) return null;
  const commits = await Promise.all(bases.map((base) => readCommit(reader, base)));
  // Only the id of a commit says what was there when the record was made.
  if (commits.some((commit, i) => commit?.oid !== bases[i])) return null;
  return bases.length > 1 ? commonAncestor(repo, bases) : (bases[0] ?? null);
}

/** What the first records say they began on; null where one does not, or where a record may be missing. */
function basesOf(ids: readonly string[], records: readonly StoredRecord<ExecutionRecord>[]): string[] | null {
  const digests = new Set(records.map(({ digest }) => digest));
  const isWhole = records.every(({ record: { prev } }) => prev === null || digests.has(prev));
  const first = records.map(({ record }) => record).filter(({ prev }) => prev === null);
  const begun = new Set(first.map(({ txn }) => txn));
  if (!isWhole || !ids.every((id) => begun.has(id))) return null;
  const bases = new Set(first.map(({ base }) => base.commit));
  return bases.has(null) ? null : [...bases].filter((base) => base !== null);
}
