import type { EvidenceRequest, RequestState } from '../../core/events/requests.ts';
import { isWithin, median, percentile, share, type Window } from './figures.ts';

/** How long auditors wait for evidence that will do. */
export interface TimeToEvidence {
  /** Requests made in the window. */
  readonly requests: number;
  readonly accepted: number;
  readonly medianSeconds: number | null;
  readonly p90Seconds: number | null;
  /** Accepted within the hour, of those whose hour is over or that were accepted. */
  readonly withinHour: { readonly count: number; readonly of: number; readonly share: number | null };
  /** Those that still wait, the oldest first, and how each stands: one that was delivered waits for the auditor. */
  readonly open: readonly {
    readonly id: string;
    readonly state: Exclude<RequestState, 'accepted'>;
    readonly ageSeconds: number;
  }[];
}

const HOUR_S = 60 * 60;

/** From each question of a window to the first yes. What was not answered is told with its age: it is not dropped. */
export function timeToEvidence(requests: readonly EvidenceRequest[], window: Window): TimeToEvidence {
  const asked = requests.filter(({ requestedAt }) => isWithin(requestedAt, window));
  const times = asked.flatMap(({ requestedAt, acceptedAt }) =>
    acceptedAt === null ? [] : [(acceptedAt - requestedAt) / 1000],
  );
  const open = asked
    .flatMap(({ id, state, requestedAt }) =>
      state === 'accepted'
        ? []
        : [{ id, state, ageSeconds: Math.floor((window.until - requestedAt) / 1000) }],
    )
    .sort((a, b) => b.ageSeconds - a.ageSeconds || (a.id < b.id ? -1 : 1));
  const inTime = times.filter((seconds) => seconds <= HOUR_S).length;
  const judged = times.length + open.filter(({ ageSeconds }) => ageSeconds > HOUR_S).length;
  return {
    requests: asked.length,
    accepted: times.length,
    medianSeconds: median(times),
    p90Seconds: percentile(times, 0.9),
    withinHour: { count: inTime, of: judged, share: share(inTime, judged) },
    open,
  };
}
