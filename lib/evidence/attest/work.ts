import type { Binding } from '../../core/records/binding.ts';
import type {
  ExecutionRecord,
  RelandRecord,
  ReplayRecord,
  RevertRecord,
  StoredRecord,
} from '../../core/records/record.ts';
import {
  commitSubject,
  PREDICATES,
  recordPredicate,
  recordSubject,
  type Statement,
  type Subject,
  statement,
  treeSubject,
} from './statement.ts';

/** How firmly a record belongs to a commit. */
export interface BoundTo {
  readonly commit: string;
  readonly grade: Binding;
  readonly sealed: boolean;
}

/** A record of an agent's work, with what is known of it beside it. */
export interface AttestedWork {
  readonly stored: StoredRecord<ExecutionRecord>;
  /** The transaction it belongs to now. */
  readonly txn: string;
  readonly bound: BoundTo | null;
}

/** An agent's work for one commit. */
export function executionStatement({ stored, txn, bound }: AttestedWork): Statement {
  const predicate = { ...recordPredicate(stored), txn, binding: bound };
  return statement(workSubjects(stored, bound), PREDICATES.execution, predicate);
}

/** Grades that show the commit to be the record's work: what only claims to be is no subject of it. */
const SHOWN: ReadonlySet<Binding> = new Set(['exact', 'same-patch', 'squashed']);

function workSubjects(stored: StoredRecord<ExecutionRecord>, bound: BoundTo | null): readonly Subject[] {
  if (bound !== null && SHOWN.has(bound.grade)) return [commitSubject(bound.commit)];
  const { tree } = stored.record;
  return tree === null ? [recordSubject(stored)] : [treeSubject(tree)];
}

/** Commits that took transactions back. */
export function revertStatement(stored: StoredRecord<RevertRecord>): Statement {
  const { commit, commits = [] } = stored.record;
  const all = commits.length === 0 ? [commit] : [...new Set(commits)];
  return statement(all.map(commitSubject), PREDICATES.revert, recordPredicate(stored));
}

/** A commit that brought transactions back. */
export function relandStatement(stored: StoredRecord<RelandRecord>): Statement {
  return statement([commitSubject(stored.record.commit)], PREDICATES.reland, recordPredicate(stored));
}

/** What came of replaying a commit's work. */
export function replayStatement(stored: StoredRecord<ReplayRecord>): Statement {
  return statement([commitSubject(stored.record.commit)], PREDICATES.replay, recordPredicate(stored));
}
