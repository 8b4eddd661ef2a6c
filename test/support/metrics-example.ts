import { readFileSync } from 'node:fs';
import type { LedgerEvent } from '../../lib/core/events/order.ts';
import { EXCEPTION_TYPES, fingerprintOf } from '../../lib/core/records/exception.ts';
import { type EventRecord, encodeRecord, type ReplayRecord } from '../../lib/core/records/record.ts';
import { newUlid } from '../../lib/core/ulid.ts';
import type { MetricsInput, RecordedWork } from '../../lib/oversight/metrics/metrics.ts';

const DOC = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
const BY = { name: 'Jane Doe', email: 'jane@example.com' };
const TXN = '01JD2M0Y5V9Z8K7Q3C4N6T1RWE';

/** The moment of the example. */
export const EXAMPLE_UNTIL: number = Date.parse('2026-05-12T00:00:00Z');

/** What the page says comes of it. The ids of requests are letters there. */
export function exampleFigures(): unknown {
  const text = block('json').replaceAll('"id": "T"', `"id": "${requestId('T')}"`);
  return JSON.parse(text);
}

/** What the page says the ledger tells. */
export function exampleInput(): MetricsInput {
  const types = new Map<string, NonNullable<EventRecord['type']>>(
    lines('events').flatMap(([, , name, ...fields]) => {
      const type = EXCEPTION_TYPES.find((one) => one === fieldsOf(fields)['type']);
      return type === undefined ? [] : [[name ?? '', type] as const];
    }),
  );
  return {
    events: lines('events').map(([at = '', name = '', thing = '', ...fields]) =>
      eventOf(at, name as EventRecord['event'], thing, fieldsOf(fields), types),
    ),
    replays: lines('replays').map(replayOf),
    records: ['a', 'b', 'c', 'd', 'e'].map(recordOf),
    range: { agentCommits: 10, recorded: 5 },
  };
}

function block(name: string): string {
  return new RegExp(`\`\`\`${name}\\n([\\s\\S]*?)\`\`\``).exec(DOC)?.[1] ?? '';
}

function lines(name: string): string[][] {
  return block(name)
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+/));
}

function fieldsOf(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(words.map((word) => word.split('=') as [string, string]));
}

function eventOf(
  at: string,
  name: EventRecord['event'],
  thing: string,
  fields: Record<string, string>,
  types: ReadonlyMap<string, NonNullable<EventRecord['type']>>,
): LedgerEvent {
  const type = types.get(thing);
  const of = type === undefined ? requestId(thing) : fingerprintOf({ type, txn: TXN, rule: thing });
  const evidence = fields['resolution'] === 'resolved' ? { evidence: ['a'.repeat(40)] } : {};
  const { digest, record } = encodeRecord({
    schema: 'agent-log/event/v1',
    id: newUlid(Date.parse(at)),
    event: name,
    of,
    txn: TXN,
    text: 'said',
    ...(name === 'exception.opened' ? { rule: thing, detectedBy: 'scan' as const, detectedAt: at } : {}),
    ...evidence,
    ...fields,
    by: BY,
    recordedAt: at,
  });
  return { digest, record: record as EventRecord };
}

function requestId(letter: string): string {
  return letter.padStart(26, '0');
}

function replayOf([
  at = '',
  mode = '',
  verdict = '',
  txn = '',
  record = '',
]: readonly string[]): ReplayRecord {
  return {
    schema: 'agent-log/replay/v1',
    id: newUlid(Date.parse(at)),
    txn: txn.padStart(26, '0'),
    record: digestOf(record),
    commit: record.repeat(40),
    mode: mode as ReplayRecord['mode'],
    verdict: verdict as ReplayRecord['verdict'],
    binding: 'exact',
    sealed: true,
    coverage: { callsTotal: 0, executed: 0, stubbed: 0, skipped: 0 },
    environment: { git: '2', node: '20', platform: 'linux', arch: 'x64' },
    differences: [],
    missing: [],
    problems: [],
    by: BY,
    recordedAt: at,
  };
}

function recordOf(letter: string): RecordedWork {
  return {
    digest: digestOf(letter),
    recordedAt: Date.parse('2026-02-01T00:00:00Z'),
    isSponsored: letter !== 'e',
    classes: letter === 'a' || letter === 'd' ? ['dependency-manifest'] : [],
  };
}

function digestOf(letter: string): string {
  return `sha256:${letter.repeat(64)}`;
}
