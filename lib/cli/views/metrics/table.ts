import type { MetricsDocument } from '../../../oversight/metrics/document.ts';
import type { ReplayRate } from '../../../oversight/metrics/replay-success.ts';
import type { Paint } from '../../terminal/io.ts';
import { daysText } from '../exceptions.ts';
import { count, localTime } from '../text.ts';

/** Of fewer, a percentage says more than is known. */
const ENOUGH = 20;
const MOST_OPEN = 5;

/** The figures for people. */
export function renderMetrics(document: MetricsDocument, paint: Paint): string {
  const { since, until, anomalies } = document;
  const parts = [
    [`${paint.strong('Metrics')} ${since === null ? 'until' : `${localTime(since)} to`} ${localTime(until)}`],
    queueLines(document, paint),
    evidenceLines(document, paint),
    replayLines(document, paint),
    reopenLines(document, paint),
    coverageLines(document, paint),
    anomalies === 0
      ? []
      : [paint.warn(`${count(anomalies, 'step')} in the ledger fit nowhere, and count for nothing`)],
  ].filter((part) => part.length > 0);
  return `${parts.map((part) => part.join('\n')).join('\n\n')}\n`;
}

function queueLines({ queue }: MetricsDocument, paint: Paint): string[] {
  const { depth, overdue, oldestSeconds, ages, inflow, outflow } = queue;
  const oldest = oldestSeconds === null ? '' : `, the oldest ${daysText(oldestSeconds)}`;
  const buckets = Object.entries(ages).map(([days, n]) => `${days.replace('over-', '>')} d: ${n}`);
  return [
    paint.strong('Exceptions open'),
    row(depth, `${overdue} overdue${oldest}`),
    ...(depth === 0 ? [] : [`           ${buckets.join('   ')}`]),
    ...Object.entries(queue.bySeverity).map(([name, n]) => row(n, name)),
    ...Object.entries(queue.byType).map(([name, n]) => row(n, name)),
    row(inflow, 'came in, or were opened again'),
    row(outflow, 'were closed'),
  ];
}

function evidenceLines({ timeToEvidence }: MetricsDocument, paint: Paint): string[] {
  const { requests, accepted, medianSeconds, p90Seconds, withinHour, open } = timeToEvidence;
  const times =
    medianSeconds === null || p90Seconds === null
      ? []
      : [`           median ${timeText(medianSeconds)}, 9 of 10 within ${timeText(p90Seconds)}`];
  return [
    paint.strong('Time to evidence'),
    row(requests, `asked for, ${accepted} accepted`),
    ...times,
    row(withinHour.count, `within an hour, ${ofText(withinHour.count, withinHour.of)}`),
    ...open
      .slice(0, MOST_OPEN)
      .map(({ id, state, ageSeconds }) =>
        paint.warn(
          `           ${id.slice(0, 12)} waits for ${timeText(ageSeconds)}${state === 'requested' ? '' : `: ${state}`}`,
        ),
      ),
    ...(open.length > MOST_OPEN ? [`           … ${open.length - MOST_OPEN} more wait`] : []),
  ];
}

function replayLines({ replay }: MetricsDocument, paint: Paint): string[] {
  const lines = replay.flatMap(({ mode, byClass, ...rate }) => [
    rateLine(mode, rate),
    ...Object.entries(byClass).map(([name, one]) => rateLine(`  ${name}`, one)),
  ]);
  const none = lines.length === 0 ? ['         0  transactions were replayed'] : [];
  return [paint.strong('Replay: success of all, and of what could be told'), ...lines, ...none];
}

function rateLine(name: string, { success, eligible, inconclusive }: ReplayRate): string {
  return `  ${name.padEnd(28)} ${ofText(success, eligible)}; ${ofText(success, eligible - inconclusive)}`;
}

function reopenLines({ reopening }: MetricsDocument, paint: Paint): string[] {
  return [
    paint.strong('Closed and opened again'),
    ...reopening.map(
      ({ days, closed, reopened, auditFollowUp }) =>
        `  within ${String(days).padEnd(2)} days  ${ofText(reopened, closed)}; by auditors ${ofText(auditFollowUp, closed)}`,
    ),
  ];
}

function coverageLines({ coverage }: MetricsDocument, paint: Paint): string[] {
  const { agentCommits, recordedCommits, records, sponsored } = coverage;
  return [
    paint.strong('Coverage'),
    ...(agentCommits === null || recordedCommits === null
      ? []
      : [`  agent commits with a record  ${ofText(recordedCommits, agentCommits)}`]),
    `  records with a sponsor       ${ofText(sponsored, records)}`,
  ];
}

function row(n: number, text: string): string {
  return `  ${String(n).padStart(7)}  ${text}`;
}

/** `3 of 4`, and a percentage where there are enough of them. */
function ofText(part: number, whole: number): string {
  const percent = whole >= ENOUGH ? ` (${((100 * part) / whole).toFixed(1)}%)` : '';
  return `${part} of ${whole}${percent}`;
}

function timeText(seconds: number): string {
  return seconds < 60 ? `${Math.round(seconds)}s` : daysText(seconds);
}
