import type { LedgerEvent } from '../../lib/core/events/order.ts';
import { fingerprintOf } from '../../lib/core/records/exception.ts';
import { type EventRecord, encodeRecord } from '../../lib/core/records/record.ts';
import { newUlid } from '../../lib/core/ulid.ts';

export const JANE = { name: 'Jane Doe', email: 'jane@example.com' };
export const JOHN = { name: 'John Roe', email: 'john@example.com' };
export const TXN = '01JD2M0Y5V9Z8K7Q3C4N6T1RWE';
export const DAY = 24 * 60 * 60 * 1000;
export const START: number = Date.parse('2026-01-01T00:00:00.000Z');

/** Fields of an event; undefined takes one away. */
export type Fields = { readonly [K in keyof EventRecord]?: EventRecord[K] | undefined };

/** What an exception of a type about the one transaction is called. */
export function fingerprint(type: NonNullable<EventRecord['type']>, rule?: string): string {
  return fingerprintOf({ type, txn: TXN, rule });
}

/** An event some days after the start, as the ledger has it. */
export function event(day: number, of: string, name: EventRecord['event'], more: Fields = {}): LedgerEvent {
  const at = START + day * DAY;
  const { digest, record } = encodeRecord({
    schema: 'agent-log/event/v1',
    id: newUlid(at),
    event: name,
    of,
    txn: TXN,
    by: JANE,
    recordedAt: new Date(at).toISOString(),
    ...(JSON.parse(JSON.stringify(more)) as Partial<EventRecord>),
  });
  return { digest, record: record as EventRecord };
}

export function opened(
  day: number,
  type: NonNullable<EventRecord['type']> = 'identity-unclear',
  more: Fields = {},
): LedgerEvent {
  const at = new Date(START + day * DAY).toISOString();
  return event(day, fingerprint(type, more.rule), 'exception.opened', {
    type,
    severity: 'medium',
    detectedBy: 'scan',
    detectedAt: at,
    ...more,
  });
}
