import type { Exception } from '../../core/events/exceptions.ts';
import { isWithin, share, type Window } from './figures.ts';

/** How much of what was closed was opened again. */
export interface Reopening {
  readonly days: number;
  /** Closings in the window that were so long ago that all of it is known. */
  readonly closed: number;
  readonly reopened: number;
  readonly rate: number | null;
  /** Of these, those that an auditor opened again. */
  readonly auditFollowUp: number;
  readonly auditFollowUpRate: number | null;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Of the closings of a window, those opened again within some days. Only those count that have had all their days. */
export function reopening(exceptions: readonly Exception[], days: number, window: Window): Reopening {
  const within = days * DAY_MS;
  const cohort = exceptions
    .flatMap(({ closings }) => closings)
    .filter(({ at }) => isWithin(at, window) && at + within <= window.until);
  const again = cohort.flatMap(({ at, reopened }) =>
    reopened !== null && reopened.at - at <= within ? [reopened.cause] : [],
  );
  const audits = again.filter((cause) => cause === 'audit-follow-up').length;
  return {
    days,
    closed: cohort.length,
    reopened: again.length,
    rate: share(again.length, cohort.length),
    auditFollowUp: audits,
    auditFollowUpRate: share(audits, cohort.length),
  };
}
