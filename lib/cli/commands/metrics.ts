import { AgentLogError } from '../../core/errors.ts';
import { checkRange } from '../../git/history/named-range.ts';
import { metricsDocument } from '../../oversight/metrics/document.ts';
import { type MetricsDetails, type MetricsInput, metricsOf } from '../../oversight/metrics/metrics.ts';
import { readMetricsInput } from '../../oversight/metrics/read.ts';
import { judgingOf } from '../shared/judging.ts';
import { momentFlag } from '../shared/moments.ts';
import { withLedger } from '../shared/open.ts';
import { oneOf } from '../shared/words.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { progressOf } from '../terminal/progress.ts';
import { metricsCsv } from '../views/metrics/csv.ts';
import { openMetrics } from '../views/metrics/openmetrics.ts';
import { renderMetrics } from '../views/metrics/table.ts';

const FORMATS = ['table', 'json', 'csv', 'openmetrics'] as const;
type Format = (typeof FORMATS)[number];

export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  const format = flags['json'] === true ? 'json' : (oneOf(flags, 'format', FORMATS) ?? 'table');
  const [since = null, until = io.now] = [
    momentFlag(flags, 'since', false),
    momentFlag(flags, 'until', true),
  ];
  if (format === 'openmetrics' && since !== null) throw noWindow();
  return withLedger(io, async (ledger) => {
    const [range] = args;
    if (range !== undefined) await checkRange(ledger.repo, range);
    const progress = progressOf(io);
    const { now: _, vouch, ...judging } = await judgingOf(io, ledger);
    const input = await readMetricsInput(ledger, {
      ...(range === undefined ? {} : { range }),
      ...(vouch === undefined ? {} : { vouch }),
      onProgress: (seen) => progress.say(() => `counting: ${seen}`),
    });
    progress.end();
    const metrics = metricsOf(input, { since, until: Math.min(until, io.now) }, judging);
    await io.page(textFor(format, metrics, input, io));
    return 0;
  });
}

function textFor(format: Format, metrics: MetricsDetails, { replays }: MetricsInput, { paint }: Io): string {
  if (format === 'json') return `${JSON.stringify(metricsDocument(metrics))}\n`;
  if (format === 'csv') return metricsCsv(metrics, replays);
  return format === 'openmetrics'
    ? openMetrics(metrics, replays)
    : renderMetrics(metricsDocument(metrics), paint);
}

function noWindow(): AgentLogError {
  return new AgentLogError('BAD_ARGUMENT', 'usage', '--since does not go with openmetrics', {
    hints: ['Its counters are of all time: whoever collects them looks at the window they want.'],
  });
}
