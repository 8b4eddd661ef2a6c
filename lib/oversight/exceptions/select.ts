import type { Exception } from '../../core/events/exceptions.ts';
import { type ExceptionType, SEVERITIES, type Severity } from '../../core/records/exception.ts';

/** Which exceptions are wanted. What is not said is not asked for. */
export interface ExceptionQuery {
  readonly types?: readonly ExceptionType[];
  readonly severities?: readonly Severity[];
  /** Risk classes of what it is about, as they were when it was found; one of these. */
  readonly classes?: readonly string[];
  /** Also those that are closed. */
  readonly all?: boolean;
  /** Ids of one transaction, past and present. */
  readonly txns?: readonly string[];
  readonly mr?: string;
  readonly overdue?: boolean;
}

/** The exceptions that are wanted, the worst first, then what is due first, then the oldest. */
export function selectExceptions(
  exceptions: readonly Exception[],
  query: ExceptionQuery,
  now: number,
): Exception[] {
  const { types, severities, classes, txns, mr } = query;
  const found = exceptions.filter(
    (one) =>
      (query.all === true || one.state !== 'closed') &&
      (types === undefined || types.includes(one.type)) &&
      (severities === undefined || severities.includes(one.severity)) &&
      (classes === undefined || one.classes.some((risk) => classes.includes(risk))) &&
      (txns === undefined || (one.txn !== null && txns.includes(one.txn))) &&
      (mr === undefined || one.mr === mr) &&
      (query.overdue !== true || isOverdue(one, now)),
  );
  return found.sort(
    (a, b) =>
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      dueRank(a) - dueRank(b) ||
      a.detectedAt - b.detectedAt ||
      (a.fingerprint < b.fingerprint ? -1 : 1),
  );
}

/** Whether an exception that is not closed should have been. */
export function isOverdue({ state, due }: Pick<Exception, 'state' | 'due'>, now: number): boolean {
  return state !== 'closed' && due !== null && due < now;
}

function dueRank({ due }: Exception): number {
  return due ?? Number.MAX_SAFE_INTEGER;
}
