import type { ExecutionRecord, StoredRecord } from '../../core/records/record.ts';
import { emptyTree } from '../../git/repository/index-diff.ts';
import { treeChanges } from '../../git/trees/tree-diff.ts';
import type { GradedCommit } from '../binding/grade.ts';
import type { Ledger } from '../ledger.ts';

/** Files of a commit that are compared, at most. */
const MOST_FILES = 20_000;

/**
 * Which records are in a commit by the files it changes, by digest: it leaves each of theirs as the last of the records
 * left it. This needs nothing of the branch they were made on. That a file merely is so does not count: it may have been
 * so before.
 */
export async function filesAgree(
  ledger: Ledger,
  records: readonly StoredRecord<ExecutionRecord>[],
  commit: GradedCommit,
): Promise<ReadonlySet<string>> {
  const changed = records.length === 0 ? null : await changedBy(ledger, commit);
  if (changed === null) return new Set();
  const left = lastLeft(records);
  const agrees = ({ record: { files, filesLeftOut } }: StoredRecord<ExecutionRecord>): boolean =>
    files.length > 0 &&
    filesLeftOut === undefined &&
    files.some(({ path }) => changed.has(path)) &&
    files.every(({ path }) => {
      const blob = left.get(path);
      return changed.has(path) ? changed.get(path) === blob : blob === null;
    });
  return new Set(records.filter(agrees).map(({ digest }) => digest));
}

async function changedBy(
  ledger: Ledger,
  { parents, parentTree, tree }: GradedCommit,
): Promise<ReadonlyMap<string, string | null> | null> {
  if (parents.length > 1 || (parents.length === 1 && parentTree === null)) return null;
  const pair = { from: parentTree ?? emptyTree(ledger.repo.format), to: tree };
  for await (const { changes, total } of treeChanges(ledger.repo, [pair], MOST_FILES))
    return total > MOST_FILES ? null : new Map(changes.map(({ path, blob }) => [path, blob]));
  return null;
}

/** What the last of the records left in each path: a blob, null where it deleted the file, undefined where nobody knows. */
function lastLeft(
  records: readonly StoredRecord<ExecutionRecord>[],
): ReadonlyMap<string, string | null | undefined> {
  const inOrder = records.map(({ record }) => record).sort((a, b) => (a.id < b.id ? -1 : 1));
  return new Map(
    inOrder.flatMap(({ files }) =>
      files.map(
        ({ path, blob, change }) => [path, change === 'deleted' ? null : (blob ?? undefined)] as const,
      ),
    ),
  );
}
