import type { ExecutionRecord } from '../generated/execution-v1.types.ts';

/**
 * How firmly a record belongs to a commit, strongest first. `claimed` is a trailer without proof: it is shown, and
 * never reverted or counted.
 */
export type Binding = 'exact' | 'same-patch' | 'squashed' | 'modified' | 'claimed' | 'none';

/** What a commit is, as far as a binding depends on it. */
export interface CommitShape {
  readonly tree: string;
  readonly parents: readonly string[];
  /** Null for a first commit, and where a shallow clone ends. */
  readonly parentTree: string | null;
}

/**
 * True when the commit is the very one the record was sealed for: its tree is the sealed tree, and it stands on the
 * HEAD of that moment or, for an amend, where that HEAD stood. Without an amend, a commit in HEAD's place took in what
 * HEAD held as well (a squash), and the record tells only a part of it.
 */
export function isExact(record: ExecutionRecord, commit: CommitShape): boolean {
  if (record.tree !== commit.tree) return false;
  return standsOnHead(record, commit) || (record.amends !== undefined && replacesHead(record, commit));
}

/** The commit is where the record's own would be, whatever it holds. */
export function standsWhereSealed(record: ExecutionRecord, commit: CommitShape): boolean {
  return standsOnHead(record, commit) || replacesHead(record, commit);
}

/** The commit's first parent is what the record saw, by content: a parent whose message was reworded still counts. */
function standsOnHead({ head }: ExecutionRecord, { parents, parentTree }: CommitShape): boolean {
  const [parent = null] = parents;
  return parent === head.commit || (parent !== null && parentTree !== null && parentTree === head.tree);
}

function replacesHead(record: ExecutionRecord, commit: CommitShape): boolean {
  const before = record.head.parents;
  return (
    record.head.commit !== null &&
    before.length === commit.parents.length &&
    before.every((p, i) => p === commit.parents[i])
  );
}
