import type { Exception } from '../../core/events/exceptions.ts';
import { isOverdue } from '../exceptions/select.ts';
import { isWithin, tally, type Window } from './figures.ts';

/** How many exceptions are open, for how long, and how many come and go. */
export interface QueueDepth {
  readonly depth: number;
  readonly overdue: number;
  readonly oldestSeconds: number | null;
  /** By whole days since they were found. */
  readonly ages: Readonly<Record<AgeBucket, number>>;
  readonly byType: Readonly<Record<string, number>>;
  readonly bySeverity: Readonly<Record<string, number>>;
  readonly byClass: Readonly<Record<string, number>>;
  /** Opened or re-opened in the window. */
  readonly inflow: number;
  /** Closed in the window. */
  readonly outflow: number;
}

export type AgeBucket = '0-7' | '8-30' | '31-90' | 'over-90';

const DAY_MS = 24 * 60 * 60 * 1000;

/** The queue as it stood at the end of a window. */
export function queueDepth(exceptions: readonly Exception[], window: Window): QueueDepth {
  const { until } = window;
  const open = exceptions.filter(({ state }) => state !== 'closed');
  const ages = open.map(({ detectedAt }) => Math.max(0, until - detectedAt));
  const closings = exceptions.flatMap((one) => one.closings);
  const reopenings = closings.flatMap(({ reopened }) => (reopened === null ? [] : [reopened.at]));
  const arrivals = [...exceptions.map(({ openedAt }) => openedAt), ...reopenings];
  return {
    depth: open.length,
    overdue: open.filter((one) => isOverdue(one, until)).length,
    oldestSeconds: ages.length === 0 ? null : Math.floor(ages.reduce((a, b) => Math.max(a, b)) / 1000),
    ages: { '0-7': 0, '8-30': 0, '31-90': 0, 'over-90': 0, ...tally(ages.map(bucketOf)) },
    byType: tally(open.map(({ type }) => type)),
    bySeverity: tally(open.map(({ severity }) => severity)),
    byClass: tally(open.flatMap(({ classes }) => [...new Set(classes)])),
    inflow: arrivals.filter((at) => isWithin(at, window)).length,
    outflow: closings.filter(({ at }) => isWithin(at, window)).length,
  };
}

function bucketOf(age: number): AgeBucket {
  const days = Math.floor(age / DAY_MS);
  if (days <= 7) return '0-7';
  if (days <= 30) return '8-30';
  return days <= 90 ? '31-90' : 'over-90';
}
