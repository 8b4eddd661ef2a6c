import type { ExecutionRecord } from './generated/execution-v1.types.ts';

/**
 * How firmly a record belongs to a commit, strongest first. `claimed` is a trailer without proof: it is shown, and
 * never reverted or counted.
 */
export type Binding = 'exact' | 'same-patch' | 'squashed' | 'modified' | 'claimed' | 'none';

/** What a commit is, as far as a binding depends on it. */
export interface CommitShape {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly parentTree: string | null;
}

/**
 * True when the commit is the very one the record was sealed for: its tree is the sealed tree, and it stands on the
 * HEAD of that moment or, after an amend, where that HEAD stood.
 */
export function isExact(record: ExecutionRecord, commit: CommitShape): boolean {
  return record.tree === commit.tree && standsWhereSealed(record, commit);
}

/** The commit's first parent is what the record saw, by content: a parent whose message was reworded still counts. */
export function standsWhereSealed(record: ExecutionRecord, commit: CommitShape): boolean {
  return commit.parentTree === record.head.tree || replacesHead(record, commit);
}

function replacesHead(record: ExecutionRecord, commit: CommitShape): boolean {
  const before = record.head.parents;
  return (
    record.head.commit !== null &&
    before.length === commit.parents.length &&
    before.every((p, i) => p === commit.parents[i])
  );
}
