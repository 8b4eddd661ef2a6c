import { describe, expect, it } from 'vitest';
import { PLAIN } from '../../../lib/cli/terminal/io.ts';
import { metricsCsv } from '../../../lib/cli/views/metrics/csv.ts';
import { openMetrics } from '../../../lib/cli/views/metrics/openmetrics.ts';
import { renderMetrics } from '../../../lib/cli/views/metrics/table.ts';
import { metricsDocument } from '../../../lib/oversight/metrics/document.ts';
import { metricsOf } from '../../../lib/oversight/metrics/metrics.ts';
import { DAY, event, fingerprint, opened, START } from '../../support/events.ts';
import { EXAMPLE_UNTIL, exampleInput } from '../../support/metrics-example.ts';
import { parseOpenMetrics } from '../../support/openmetrics.ts';

const INPUT = exampleInput();
const METRICS = metricsOf(INPUT, { since: null, until: EXAMPLE_UNTIL });
const NOTHING = metricsOf(
  { events: [], replays: [], records: [], range: null },
  { since: null, until: START },
);

describe('OpenMetrics', () => {
  it('is valid, with the figures of the example', () => {
    const families = parseOpenMetrics(openMetrics(METRICS, INPUT.replays));
    const value = (name: string, labels = ''): number | undefined =>
      families.flatMap(({ samples }) => samples).find((one) => one.name === name && one.labels === labels)
        ?.value;
    expect(value('agent_exceptions_open', 'severity=medium,type=provenance-missing')).toBe(1);
    expect(value('agent_exceptions_overdue')).toBe(2);
    expect(value('agent_exceptions_reopened_total', 'cause=audit-follow-up')).toBe(1);
    expect(value('agent_time_to_evidence_seconds_bucket', 'le=3600.0')).toBe(1);
    expect(value('agent_time_to_evidence_seconds_sum')).toBe(39_600);
    expect(value('agent_replays_total', 'mode=verify,verdict=identical')).toBe(2);
    expect(value('agent_replay_assured_ratio', 'mode=verify')).toBe(0.5);
    expect(value('agent_commits_recorded_ratio')).toBe(0.5);
  });

  it('is valid of an empty ledger', () => {
    expect(parseOpenMetrics(openMetrics(NOTHING, [])).length).toBeGreaterThan(5);
  });

  it('has no label without bounds', () => {
    const labels = parseOpenMetrics(openMetrics(METRICS, INPUT.replays))
      .flatMap(({ samples }) => samples)
      .flatMap((one) => one.labels.split(',').map((label) => label.split('=')[0]));
    const known = ['', 'cause', 'days', 'le', 'mode', 'resolution', 'severity', 'type', 'verdict'];
    expect(new Set(labels)).toEqual(new Set(known));
  });

  it('never counts back: what is counted of the past is counted later, too', () => {
    let before = new Map<string, number>();
    for (let day = 0; day <= 130; day += 5) {
      const metrics = metricsOf(INPUT, { since: null, until: START + day * DAY });
      const counters = new Map(
        parseOpenMetrics(openMetrics(metrics, INPUT.replays))
          .filter(({ type }) => type === 'counter')
          .flatMap(({ samples }) => samples)
          .map((one) => [`${one.name} ${one.labels}`, one.value]),
      );
      for (const [name, value] of before) expect(counters.get(name), name).toBeGreaterThanOrEqual(value);
      before = counters;
    }
  });
});

describe('the parser of the test', () => {
  it.each([
    ['no end', 'a 1\n'],
    ['no type', 'a 1\n# EOF\n'],
    ['a counter without _total', '# TYPE a counter\na 1\n# EOF\n'],
    ['a unit that is not in the name', '# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF\n'],
    ['a family twice', '# TYPE a gauge\na 1\n# TYPE a gauge\na 2\n# EOF\n'],
    ['a sample twice', '# TYPE a gauge\na 1\na 2\n# EOF\n'],
    ['a histogram without +Inf', '# TYPE a histogram\na_bucket{le="1.0"} 1\na_count 1\na_sum 1\n# EOF\n'],
    [
      'buckets that fall',
      '# TYPE a histogram\na_bucket{le="1.0"} 2\na_bucket{le="+Inf"} 1\na_count 1\na_sum 1\n# EOF\n',
    ],
    ['a bare quote', '# TYPE a gauge\na{b="c"d"} 1\n# EOF\n'],
    ['more after the end', '# EOF\n# TYPE a gauge\n'],
  ])('refuses %s', (_, text) => {
    expect(() => parseOpenMetrics(text)).toThrow();
  });
});

describe('CSV', () => {
  it('is RFC 4180, a row for each exception, request and replay', () => {
    const rows = parseCsv(metricsCsv(METRICS, INPUT.replays));
    expect(new Set(rows.map((row) => row.length))).toEqual(new Set([16]));
    const kinds = rows.slice(1).map(([kind]) => kind);
    expect(kinds.filter((kind) => kind === 'exception')).toHaveLength(4);
    expect(kinds.filter((kind) => kind === 'evidence-request')).toHaveLength(3);
    expect(kinds.filter((kind) => kind === 'replay')).toHaveLength(6);
  });

  it('lets no text be a formula, and keeps quotes, commas and lines in their cell', () => {
    const hostile = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', 'a,"b"\nc', '\r=1'];
    const events = hostile.flatMap((rule, i) => {
      const owner = { name: `=HYPERLINK("x")${i}`, email: 'a@example.com' };
      return [
        opened(i, 'policy-violation', { rule }),
        event(i + 0.5, fingerprint('policy-violation', rule), 'exception.triaged', { owner }),
      ];
    });
    const metrics = metricsOf(
      { events, replays: [], records: [], range: null },
      { since: null, until: START + 30 * DAY },
    );
    const rows = parseCsv(metricsCsv(metrics, [])).slice(1);
    expect(rows).toHaveLength(hostile.length);
    for (const row of rows) for (const cell of row) expect(cell).not.toMatch(/^[\s]*[=+\-@]/);
    expect(rows.map((row) => row[8])).toContain('a,"b"\nc');
  });
});

it('is told to people in 80 columns, without percentages of few', () => {
  const text = renderMetrics(metricsDocument(METRICS), PLAIN);
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(text).toContain('3  2 overdue, the oldest 127d');
  expect(text).toContain('2 of 4; 2 of 3');
  expect(text).not.toContain('%');
});

function parseCsv(text: string): string[][] {
  expect(text.endsWith('\r\n')).toBe(true);
  const rows: string[][] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (let row: string[] = [], match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '\r\n') {
      rows.push(row);
      row = [];
    }
    if (pattern.lastIndex === text.length) return rows;
  }
  throw new Error('no CSV');
}
