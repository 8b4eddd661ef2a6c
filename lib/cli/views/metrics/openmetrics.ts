import type { ReplayRecord } from '../../../core/records/record.ts';
import type { MetricsDetails } from '../../../oversight/metrics/metrics.ts';

type Labels = Readonly<Record<string, string>>;
interface Sample {
  readonly suffix?: string;
  readonly labels?: Labels;
  readonly value: number;
}
interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly unit?: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const BUCKETS = [300, 3600, 14_400, 86_400, 604_800];

/**
 * The figures as OpenMetrics text 1.0. Gauges tell how things stand; counters are folds over all there is in the ledger, so
 * they never go back. No label holds what has no bounds: no transaction, no path, no person.
 */
export function openMetrics(metrics: MetricsDetails, replays: readonly ReplayRecord[]): string {
  const families = [
    ...queueFamilies(metrics),
    ...evidenceFamilies(metrics),
    ...replayFamilies(metrics, replays),
    ...coverageFamilies(metrics),
  ].filter(({ samples }) => samples.length > 0);
  return `${families.map(familyText).join('')}# EOF\n`;
}

function queueFamilies({ queue, folded, reopening, anomalies }: MetricsDetails): Family[] {
  const open = folded.exceptions.filter(({ state }) => state !== 'closed');
  const closings = folded.exceptions.flatMap((one) => one.closings);
  const causes = closings.flatMap(({ reopened }) => (reopened === null ? [] : [reopened.cause]));
  return [
    gauge(
      'agent_exceptions_open',
      'Exceptions that are not closed.',
      counted(open.map(({ type, severity }) => ({ type, severity }))),
    ),
    gauge('agent_exceptions_overdue', 'Exceptions that should have been closed by now.', [
      { value: queue.overdue },
    ]),
    gauge('agent_exception_oldest_age_seconds', 'Since the oldest open exception was found.', [
      { value: queue.oldestSeconds ?? 0 },
    ]),
    counter(
      'agent_exceptions_opened',
      'Exceptions that were opened.',
      counted(folded.exceptions.map(({ type }) => ({ type }))),
    ),
    counter(
      'agent_exceptions_closed',
      'Times an exception was closed.',
      counted(closings.map(({ resolution }) => ({ resolution }))),
    ),
    counter(
      'agent_exceptions_reopened',
      'Times a closed exception was opened again.',
      counted(causes.map((cause) => ({ cause }))),
    ),
    gauge(
      'agent_exceptions_reopened_ratio',
      'Of closings that have had their days, those opened again.',
      reopening.flatMap(({ days, rate }) =>
        rate === null ? [] : [{ labels: { days: String(days) }, value: rate }],
      ),
    ),
    gauge('agent_ledger_anomalies', 'Steps that fit nowhere, and count for nothing.', [{ value: anomalies }]),
  ];
}

function evidenceFamilies({ timeToEvidence, folded }: MetricsDetails): Family[] {
  const times = folded.requests.flatMap(({ requestedAt, acceptedAt }) =>
    acceptedAt === null ? [] : [(acceptedAt - requestedAt) / 1000],
  );
  const upTo = (limit: number): number => times.filter((seconds) => seconds <= limit).length;
  return [
    {
      name: 'agent_time_to_evidence_seconds',
      type: 'histogram',
      unit: 'seconds',
      help: 'From a request for evidence to the first answer that was accepted.',
      samples: [
        ...BUCKETS.map((le) => ({ suffix: '_bucket', labels: { le: `${le}.0` }, value: upTo(le) })),
        { suffix: '_bucket', labels: { le: '+Inf' }, value: times.length },
        { suffix: '_count', value: times.length },
        { suffix: '_sum', value: times.reduce((a, b) => a + b, 0) },
      ],
    },
    gauge('agent_evidence_requests_open', 'Requests without an accepted answer.', [
      { value: timeToEvidence.open.length },
    ]),
    gauge('agent_evidence_oldest_request_age_seconds', 'Since the oldest of them was made.', [
      { value: timeToEvidence.open[0]?.ageSeconds ?? 0 },
    ]),
  ];
}

function replayFamilies({ replay, window }: MetricsDetails, replays: readonly ReplayRecord[]): Family[] {
  const known = replays.filter(({ recordedAt }) => Date.parse(recordedAt) <= window.until);
  const ratio = (kind: 'assuredRate' | 'conclusiveRate'): Sample[] =>
    replay.flatMap((one) => {
      const value = one[kind];
      return value === null ? [] : [{ labels: { mode: one.mode }, value }];
    });
  return [
    counter(
      'agent_replays',
      'Replays that were recorded.',
      counted(known.map(({ mode, verdict }) => ({ mode, verdict }))),
    ),
    gauge(
      'agent_replay_assured_ratio',
      'Transactions whose last replay was a success, of all.',
      ratio('assuredRate'),
    ),
    gauge(
      'agent_replay_conclusive_ratio',
      'Transactions whose last replay was a success, of those where it could be told.',
      ratio('conclusiveRate'),
    ),
  ];
}

function coverageFamilies({ coverage }: MetricsDetails): Family[] {
  const { records, sponsored, share } = coverage;
  return [
    counter('agent_records', "Records of agents' work.", [{ value: records }]),
    counter('agent_records_sponsored', 'Records that name a sponsor.', [{ value: sponsored }]),
    gauge(
      'agent_commits_recorded_ratio',
      'Of the commits agents made in the range, those with a record.',
      share === null ? [] : [{ value: share }],
    ),
  ];
}

const UNIT = /_(seconds|ratio)$/;

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  const unit = UNIT.exec(name)?.[1];
  return { name, type: 'gauge', ...(unit === undefined ? {} : { unit }), help, samples };
}

function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return {
    name,
    type: 'counter',
    help,
    samples: samples.map((sample) => ({ ...sample, suffix: '_total' })),
  };
}

/** A sample for each set of labels that occurs, in their order. */
function counted(labels: readonly Labels[]): Sample[] {
  const counts = new Map<string, number>();
  for (const one of labels) counts.set(JSON.stringify(one), (counts.get(JSON.stringify(one)) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([text, value]) => ({ labels: JSON.parse(text) as Labels, value }));
}

function familyText({ name, type, unit, help, samples }: Family): string {
  const lines = [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${escaped(help)}`,
    ...samples.map(({ suffix = '', labels = {}, value }) => `${name}${suffix}${labelText(labels)} ${value}`),
  ];
  return `${lines.join('\n')}\n`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
