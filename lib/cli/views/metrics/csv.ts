import { CSV_LINE_END, csvRow } from '../../../core/csv.ts';
import { closingOf } from '../../../core/events/exceptions.ts';
import type { ReplayRecord } from '../../../core/records/record.ts';
import type { MetricsDetails } from '../../../oversight/metrics/metrics.ts';

const COLUMNS = [
  'kind',
  'id',
  'type',
  'severity',
  'state',
  'txn',
  'commit',
  'mr',
  'rule',
  'owner',
  'begun',
  'due',
  'ended',
  'outcome',
  'reopened',
  'seconds',
] as const;

type Row = Partial<Record<(typeof COLUMNS)[number], string | number | null>>;

/** One row for each exception, request and replay that the figures are made of (RFC 4180). */
export function metricsCsv({ window, folded }: MetricsDetails, replays: readonly ReplayRecord[]): string {
  const rows: Row[] = [
    ...folded.exceptions.map((one) => {
      const closing = closingOf(one);
      return {
        kind: 'exception',
        id: one.fingerprint,
        type: one.type,
        severity: one.severity,
        state: one.state,
        txn: one.txn,
        commit: one.commit,
        mr: one.mr,
        rule: one.rule,
        owner: one.owner === null ? null : `${one.owner.name} <${one.owner.email}>`,
        begun: time(one.detectedAt),
        due: one.due === null ? null : time(one.due),
        ended: closing === null ? null : time(closing.at),
        outcome: closing?.resolution ?? null,
        reopened: one.closings.filter(({ reopened }) => reopened !== null).length,
        seconds: Math.floor(((closing?.at ?? window.until) - one.detectedAt) / 1000),
      };
    }),
    ...folded.requests.map((one) => ({
      kind: 'evidence-request',
      id: one.id,
      state: one.state,
      txn: one.txn,
      commit: one.commit,
      mr: one.mr,
      begun: time(one.requestedAt),
      due: one.due === null ? null : time(one.due),
      ended: one.acceptedAt === null ? null : time(one.acceptedAt),
      seconds: Math.floor(((one.acceptedAt ?? window.until) - one.requestedAt) / 1000),
    })),
    ...replays
      .filter(({ recordedAt }) => Date.parse(recordedAt) <= window.until)
      .map(({ id, mode, txn, commit, recordedAt, verdict }) => ({
        kind: 'replay',
        id,
        type: mode,
        txn,
        commit,
        ended: recordedAt,
        outcome: verdict,
      })),
  ];
  const lines = rows.map((row) => csvRow(COLUMNS.map((name) => row[name] ?? null)));
  return [csvRow(COLUMNS), ...lines].map((line) => `${line}${CSV_LINE_END}`).join('');
}

function time(at: number): string {
  return new Date(at).toISOString();
}
