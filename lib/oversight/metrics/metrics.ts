import type { LedgerEvent } from '../../core/events/order.ts';
import { type StepTrust, trustIn } from '../../core/events/trust.ts';
import type { WaiverJudging } from '../../core/events/waivers.ts';
import type { ReplayRecord } from '../../core/records/record.ts';
import { type FoldedQueue, queueOf } from '../exceptions/queue.ts';
import { isWithin, share, type Window } from './figures.ts';
import { type QueueDepth, queueDepth } from './queue-depth.ts';
import { type Reopening, reopening } from './reopening.ts';
import { type ReplaySuccess, replaySuccess } from './replay-success.ts';
import { type TimeToEvidence, timeToEvidence } from './time-to-evidence.ts';

/** A record of the ledger, as far as metrics ask. */
export interface RecordedWork {
  readonly digest: string;
  /** Milliseconds since 1970. */
  readonly recordedAt: number;
  readonly isSponsored: boolean;
  readonly classes: readonly string[];
}

/** All that metrics are made of. */
export interface MetricsInput {
  readonly events: readonly LedgerEvent[];
  /** How far steps are to be believed, by their digests: what is not there is asserted. */
  readonly trust?: ReadonlyMap<string, StepTrust>;
  readonly replays: readonly ReplayRecord[];
  readonly records: readonly RecordedWork[];
  /** Of a range that was looked through: commits agents made, and those of them with a record. */
  readonly range: { readonly agentCommits: number; readonly recorded: number } | null;
}

/** How much agents' work is on record, and answered for. */
export interface Coverage {
  readonly agentCommits: number | null;
  readonly recordedCommits: number | null;
  readonly share: number | null;
  /** Records of the window. */
  readonly records: number;
  readonly sponsored: number;
  readonly sponsorShare: number | null;
}

/** The figures, as docs/metrics.md defines them. */
export interface Metrics {
  readonly queue: QueueDepth;
  readonly timeToEvidence: TimeToEvidence;
  readonly replay: readonly ReplaySuccess[];
  readonly reopening: readonly Reopening[];
  readonly coverage: Coverage;
  /** Steps that fit nowhere, and count for nothing. */
  readonly anomalies: number;
}

/** What the metrics are made of, too: for those who want to see each. */
export interface MetricsDetails extends Metrics {
  readonly window: Window;
  readonly folded: FoldedQueue;
}

/** The figures of a window. The same for any order its events arrive in, and however often. */
export function metricsOf(
  { events, trust = new Map(), replays, records, range }: MetricsInput,
  window: Window,
  judging: Omit<WaiverJudging, 'now' | 'trustOf'> = {},
): MetricsDetails {
  const { until } = window;
  const known = events.filter(({ record }) => !(Date.parse(record.recordedAt) > until));
  const folded = queueOf(known, { ...judging, trustOf: trustIn(trust), now: until });
  const classes = new Map(records.map((one) => [one.digest, one.classes]));
  return {
    window,
    folded,
    queue: queueDepth(folded.exceptions, window),
    timeToEvidence: timeToEvidence(folded.requests, window),
    replay: replaySuccess(replays, (record) => classes.get(record) ?? [], until),
    reopening: [30, 90].map((days) => reopening(folded.exceptions, days, window)),
    coverage: coverageOf(records, range, window),
    anomalies: folded.anomalies.length,
  };
}

function coverageOf(
  records: readonly RecordedWork[],
  range: MetricsInput['range'],
  window: Window,
): Coverage {
  const unique = [...new Map(records.map((one) => [one.digest, one])).values()];
  const counted = unique.filter(({ recordedAt }) => isWithin(recordedAt, window));
  const sponsored = counted.filter(({ isSponsored }) => isSponsored).length;
  return {
    agentCommits: range?.agentCommits ?? null,
    recordedCommits: range?.recorded ?? null,
    share: range === null ? null : share(range.recorded, range.agentCommits),
    records: counted.length,
    sponsored,
    sponsorShare: share(sponsored, counted.length),
  };
}
