import type { ChangeSubject } from '../../core/records/record.ts';
import { claimedTrailers } from '../../core/records/trailers.ts';
import { patchIds } from '../../git/diffs/patch-id.ts';
import { streamLog } from '../../git/history/log-stream.ts';
import type { Ledger } from '../../ledger/ledger.ts';

/** Commits of the target whose patch is compared: a squash lies near its tip. */
const MOST_COMPARED = 500;

/**
 * Whether the target got this very change already, whatever became of it there: by commits that name all of its records, or one with
 * the same patch. What was approved then was let in then.
 */
export async function hasLanded(
  { repo }: Pick<Ledger, 'repo'>,
  { head, targetCommit, patchId }: ChangeSubject,
  records: readonly string[],
): Promise<boolean> {
  if (targetCommit === null) return false;
  const left = new Set(records);
  const since: string[] = [];
  for await (const { oid, parents, message } of streamLog(repo, [targetCommit, `^${head}`], false)) {
    for (const named of claimedTrailers(message).records) left.delete(named);
    if (records.length > 0 && left.size === 0) return true;
    if (parents.length === 1 && since.length < MOST_COMPARED) since.push(oid);
  }
  if (patchId === null || since.length === 0) return false;
  return [...(await patchIds(repo, since)).values()].includes(patchId);
}
