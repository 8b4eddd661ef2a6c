import type { ExecutionRecord, StoredRecord } from '../../core/records/record.ts';
import { emptyTree } from '../../git/repository/index-diff.ts';
import { ofChanges } from '../binding/changes.ts';
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
  const { parents, parentTree, tree } = commit;
  const isOpen = parents.length > 1 || (parents.length === 1 && parentTree === null);
  if (records.length === 0 || isOpen) return new Set();
  const pair = { from: parentTree ?? emptyTree(ledger.repo.format), to: tree };
  return ofChanges(ledger, pair, ({ changes, total }) =>
    total > MOST_FILES
      ? new Set()
      : agreeing(records, new Map(changes.map(({ path, blob }) => [path, blob]))),
  );
}

function agreeing(
  records: readonly StoredRecord<ExecutionRecord>[],
  changed: ReadonlyMap<string, string | null>,
): ReadonlySet<string> {
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
