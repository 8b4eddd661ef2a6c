import type { EventRecord } from '../records/record.ts';

/** A line of the ledger that is a step of something. */
export interface LedgerEvent {
  readonly digest: string;
  readonly record: EventRecord;
}

/** With the moment it was recorded at, in milliseconds since 1970. */
export interface TimedEvent extends LedgerEvent {
  readonly at: number;
}

/** Why a step counts for nothing. It stays visible all the same. */
export type Fault =
  | 'no-time'
  | 'from-the-future'
  | 'wrong-name'
  | 'unknown'
  | 'known-already'
  | 'closed'
  | 'not-closed'
  | 'decided-already'
  | 'too-late'
  | 'incomplete'
  | 'needs-evidence'
  | 'needs-reason'
  | 'needs-link'
  | 'needs-person'
  | 'needs-other-person'
  | 'other-request'
  | 'needs-role'
  | 'needs-auditor'
  | 'needs-signature'
  | 'needs-scope'
  | 'needs-end';

/** A step that does not fit, and why. */
export interface Anomaly extends LedgerEvent {
  readonly why: Fault;
}

/** What a set of steps comes to. */
export interface Folded<T> {
  readonly things: ReadonlyMap<string, T>;
  readonly anomalies: readonly Anomaly[];
}

/** Clocks differ; by more than this they are wrong. */
const FUTURE_MS = 24 * 60 * 60 * 1000;

type Kind = 'exception' | 'waiver' | 'evidence';
const NAMES: Readonly<Record<Kind, RegExp>> = {
  exception: /^[0-9a-f]{64}$/,
  waiver: /^[0-9A-Z]{26}$/,
  evidence: /^[0-9A-Z]{26}$/,
};

/**
 * Takes the steps of one kind of thing in the order of time and id, each once, whatever order they came in. `step` gives the
 * thing as it is then, or why the step does not fit. Two steps are the same by their digest alone: an id is what anybody may
 * write, and one that was taken must keep no other step from counting.
 */
export function foldEvents<T extends object>(
  events: Iterable<LedgerEvent>,
  kind: Kind,
  now: number,
  step: (thing: T | undefined, event: TimedEvent, things: ReadonlyMap<string, T>) => T | Fault,
): Folded<T> {
  const things = new Map<string, T>();
  const anomalies: Anomaly[] = [];
  for (const event of inOrder(events, kind)) {
    const { record, digest } = event;
    const fault = faultOf(event, kind, now);
    const next = fault ?? step(things.get(record.of), event, things);
    if (typeof next === 'string') anomalies.push({ digest, record, why: next });
    else things.set(record.of, next);
  }
  return { things, anomalies };
}

function faultOf({ record, at }: TimedEvent, kind: Kind, now: number): Fault | null {
  if (Number.isNaN(at)) return 'no-time';
  if (at > now + FUTURE_MS) return 'from-the-future';
  return NAMES[kind].test(record.of) ? null : 'wrong-name';
}

function inOrder(events: Iterable<LedgerEvent>, kind: Kind): TimedEvent[] {
  const once = new Map<string, TimedEvent>();
  for (const { digest, record } of events)
    if (record.event.startsWith(`${kind}.`))
      once.set(digest, { digest, record, at: Date.parse(record.recordedAt) });
  return [...once.values()].sort(
    (a, b) => timeOf(a) - timeOf(b) || compare(a.record.id, b.record.id) || compare(a.digest, b.digest),
  );
}

function timeOf({ at }: TimedEvent): number {
  return Number.isNaN(at) ? 0 : at;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** When to say a step was recorded, so that it comes after those before it, whatever the clocks say. */
export function momentAfter(last: string | undefined, now: number): number {
  const before = last === undefined ? Number.NaN : Date.parse(last);
  return Number.isNaN(before) ? now : Math.max(now, before + 1);
}
