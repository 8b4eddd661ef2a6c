import type { Metrics, MetricsDetails } from './metrics.ts';

/** What `metrics --format json` prints. */
export interface MetricsDocument extends Metrics {
  readonly schema: 'agent-log/metrics/v1';
  readonly since: string | null;
  readonly until: string;
  /** Where the formulas are. */
  readonly definitions: 'docs/metrics.md';
}

/** The figures as one document. */
export function metricsDocument(details: MetricsDetails): MetricsDocument {
  const { window, folded: _, ...metrics } = details;
  return {
    schema: 'agent-log/metrics/v1',
    since: window.since === null ? null : new Date(window.since).toISOString(),
    until: new Date(window.until).toISOString(),
    definitions: 'docs/metrics.md',
    ...metrics,
  };
}
