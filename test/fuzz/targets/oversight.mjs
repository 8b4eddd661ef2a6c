import { foldExceptions } from '../../../dist/core/events/exceptions.js';
import { foldRequests } from '../../../dist/core/events/requests.js';
import { activeWaivers, foldWaivers, MAX_WAIVER_DAYS } from '../../../dist/core/events/waivers.js';
import { fingerprintOf } from '../../../dist/core/records/exception.js';
import { isReadable, parseLine } from '../../../dist/core/records/record.js';
import { decodeCounted, encodeCounted } from '../../../dist/oversight/metrics/counted.js';
import { metricsDocument } from '../../../dist/oversight/metrics/document.js';
import { metricsOf } from '../../../dist/oversight/metrics/metrics.js';
import { expectCleanPrototype, holds, texts } from './tools.mjs';

const NOW = Date.parse('2026-03-01T00:00:00Z');
const DAY = 24 * 60 * 60 * 1000;
const TXN = '01JD2M0Y5V9Z8K7Q3C4N6T1RWE';
const WAIVER = '01JD2M0Y5V9Z8K7Q3C4N6T1RWF';
const OF = fingerprintOf({ type: 'replay-failed', txn: TXN });

function line(day, event, of, more = {}) {
  return JSON.stringify({
    schema: 'agent-log/event/v1',
    id: `01JD2M0Y5V9Z8K7Q3C4N6T${String(day).padStart(4, '0')}`,
    event,
    of,
    txn: TXN,
    ...more,
    by: { name: 'Jane Doe', email: day % 2 ? 'jane@example.com' : 'john@example.com' },
    recordedAt: new Date(Date.parse('2026-01-01T00:00:00Z') + day * DAY).toISOString(),
  });
}

const REQUEST = line(1, 'waiver.requested', WAIVER, { rule: 'r', text: 'x', until: '2026-03-15T00:00:00Z' });
const OPENED = { type: 'replay-failed', severity: 'high', detectedBy: 'replay' };
const SEEDS = texts(
  [
    line(1, 'exception.opened', OF, OPENED),
    line(2, 'exception.triaged', OF, { due: '2026-02-01T00:00:00Z' }),
    line(3, 'exception.closed', OF, { resolution: 'withdrawn', text: 'x' }),
    line(4, 'exception.reopened', OF, { cause: 'regression' }),
    line(5, 'exception.opened', OF, OPENED),
  ].join('\n'),
  [
    REQUEST,
    line(2, 'waiver.approved', WAIVER, { evidence: [parseLine(REQUEST).digest] }),
    line(3, 'waiver.revoked', WAIVER),
  ].join('\n'),
  [
    line(1, 'evidence.requested', WAIVER, { text: '?' }),
    line(2, 'evidence.rejected', WAIVER, { text: 'no' }),
    line(3, 'evidence.accepted', WAIVER),
  ].join('\n'),
);

const OID = 'a'.repeat(40);
const COUNTED = {
  tip: OID,
  records: [{ object: OID, digest: `sha256:${'b'.repeat(64)}`, recordedAt: NOW, isSponsored: true }],
  others: ['c'.repeat(40)],
};

export const oversightTargets = [
  {
    name: 'oversight:counted',
    seeds: async () => [encodeCounted(COUNTED), encodeCounted({ ...COUNTED, records: [], others: [] })],
    run(bytes) {
      const counted = decodeCounted(bytes, 20);
      if (counted === null) return;
      const again = decodeCounted(encodeCounted(counted), 20);
      holds(JSON.stringify(again) === JSON.stringify(counted), 'what was read is not what is kept of it');
    },
  },
  {
    name: 'oversight:folds',
    seeds: async () => SEEDS,
    run(bytes) {
      const events = bytes
        .toString('utf8')
        .split('\n')
        .slice(0, 200)
        .map(parseLine)
        .filter(isReadable)
        .filter(({ record }) => record.schema === 'agent-log/event/v1');
      const judging = { now: NOW };
      for (const fold of [foldExceptions, foldWaivers, foldRequests]) {
        const one = fold(events, judging);
        const other = fold([...events, ...events].reverse(), judging);
        holds(told(one) === told(other), 'any order and any repeats come to the same');
      }
      for (const { requestedBy, approvedBy, requestedAt, until } of activeWaivers(events, judging)) {
        holds(approvedBy !== null && approvedBy.email !== requestedBy.email, 'a waiver takes two people');
        holds(until > NOW && until - requestedAt <= MAX_WAIVER_DAYS * DAY, 'a waiver ends');
      }
      const { queue } = metricsDocument(
        metricsOf({ events, replays: [], records: [], range: null }, { since: null, until: NOW }),
      );
      holds(queue.inflow - queue.outflow === queue.depth, 'what came and did not go is there');
      return expectCleanPrototype();
    },
  },
];

function told({ things, anomalies }) {
  return JSON.stringify([[...things].sort(([a], [b]) => (a < b ? -1 : 1)), anomalies]);
}
