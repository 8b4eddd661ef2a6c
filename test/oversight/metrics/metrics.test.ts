import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metricsDocument } from '../../../lib/oversight/metrics/document.ts';
import { type MetricsInput, metricsOf } from '../../../lib/oversight/metrics/metrics.ts';
import { EXAMPLE_UNTIL, exampleFigures, exampleInput } from '../../support/metrics-example.ts';
import { schemaProblems } from '../../support/schema.ts';

const DAY = 24 * 60 * 60 * 1000;
const INPUT = exampleInput();
const ALL = { since: null, until: EXAMPLE_UNTIL };

function figures(input: MetricsInput, window: { since: number | null; until: number } = ALL): unknown {
  return metricsDocument(metricsOf(input, window));
}

describe('metrics', () => {
  it('come to what docs/metrics.md computes by hand', () => {
    expect(INPUT.events).toHaveLength(15);
    expect(figures(INPUT)).toEqual(exampleFigures());
    expect(schemaProblems(figures(INPUT))).toEqual([]);
  });

  it('are the same for any order of delivery, duplicates included, in any window', () => {
    const [events, replays, records] = [INPUT.events, INPUT.replays, INPUT.records];
    fc.assert(
      fc.property(
        delivered(events),
        delivered(replays),
        delivered(records),
        fc.option(fc.integer({ min: 0, max: 60 })),
        fc.integer({ min: 60, max: 200 }),
        (some, others, work, from, to) => {
          const at = (day: number): number => Date.parse('2026-01-01T00:00:00Z') + day * DAY;
          const window = { since: from === null ? null : at(from), until: at(to) };
          const shuffled = { events: some, replays: others, records: work, range: INPUT.range };
          expect(figures(shuffled, window)).toEqual(figures(INPUT, window));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('tell how things stood: what came later changes nothing', () => {
    const until = Date.parse('2026-02-05T00:00:00Z');
    const before = INPUT.events.filter(({ record }) => Date.parse(record.recordedAt) <= until);
    const { queue } = metricsOf(INPUT, { since: null, until });
    expect(queue).toEqual(metricsOf({ ...INPUT, events: before }, { since: null, until }).queue);
    expect(queue).toMatchObject({ depth: 2, overdue: 1, inflow: 4, outflow: 2 });
  });

  it('count of a window what came and went in it', () => {
    const since = Date.parse('2026-01-20T00:00:00Z');
    const { queue, timeToEvidence, reopening } = metricsOf(INPUT, { since, until: EXAMPLE_UNTIL });
    expect([queue.depth, queue.inflow, queue.outflow]).toEqual([3, 4, 2]);
    expect(timeToEvidence.requests).toBe(3);
    expect(reopening.map(({ closed, reopened }) => [closed, reopened])).toEqual([
      [2, 0],
      [2, 1],
    ]);
  });

  it('wait with closings until all their days are over', () => {
    const until = Date.parse('2026-02-20T00:00:00Z');
    const { reopening } = metricsOf(INPUT, { since: null, until });
    expect(reopening.map(({ closed, rate }) => [closed, rate])).toEqual([
      [1, 1],
      [0, null],
    ]);
  });

  it('leave a request that is younger than an hour out of those within the hour', () => {
    const until = Date.parse('2026-04-30T12:30:00Z');
    const { withinHour, open } = metricsOf(INPUT, { since: null, until }).timeToEvidence;
    expect([withinHour.count, withinHour.of, open.length]).toEqual([1, 2, 1]);
  });
});

/** In any order, and some of it more than once. */
function delivered<T>(all: readonly T[]): fc.Arbitrary<T[]> {
  return fc
    .tuple(
      fc.shuffledSubarray([...all], { minLength: all.length }),
      fc.shuffledSubarray([...all], { maxLength: 5 }),
    )
    .map(([some, again]) => [...some, ...again]);
}
