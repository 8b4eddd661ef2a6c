import type { Person } from '../person.ts';
import { type Fault, type Folded, foldEvents, type LedgerEvent, type TimedEvent } from './order.ts';
import { type Judging, mayAct, NOBODY_KNOWN } from './people.ts';

export type WaiverState = 'requested' | 'active' | 'rejected' | 'expired' | 'revoked' | 'superseded';

/** A permitted deviation. Times are milliseconds since 1970. */
export interface Waiver {
  readonly id: string;
  readonly state: WaiverState;
  /** The rule it permits to break; null where it is for one exception. */
  readonly rule: string | null;
  /** Globs; null for all paths. */
  readonly paths: readonly string[] | null;
  readonly txn: string | null;
  /** Every id that transaction had when it was asked for; empty where it is for none. */
  readonly txns: readonly string[];
  readonly mr: string | null;
  /** The repository it is for, by the commit its default branch began with; null where it names none. */
  readonly root: string | null;
  /** Fingerprint of the exception it was asked for. */
  readonly exception: string | null;
  readonly until: number;
  readonly reason: string;
  readonly requestedBy: Person;
  readonly requestedAt: number;
  readonly approvedBy: Person | null;
  readonly approvedAt: number | null;
  /** When somebody ended it, or refused it. */
  readonly endedAt: number | null;
  readonly steps: readonly LedgerEvent[];
  readonly lastAt: string;
}

export interface WaiverJudging extends Judging {
  /** Who made the changes of a transaction, where that is known: they do not approve a deviation of their own. */
  readonly authorsOf?: (txn: string) => readonly Person[];
  /** Who made the change that is judged now, whatever a waiver is for: none of them has permitted it. */
  readonly authors?: readonly Person[];
  /** Digests of events with a signature by the person they name. When given, a request or yes without one counts as nothing. */
  readonly vouched?: ReadonlySet<string>;
  /** The commit this repository's default branch began with; null where that is not known. When given, what is not for it permits nothing. */
  readonly root?: string | null;
}

/** A deviation that lasts longer than this is no exception any more: it is asked for again, and approved again. */
export const MAX_WAIVER_DAYS = 90;
const MAX_WAIVER_MS = MAX_WAIVER_DAYS * 24 * 60 * 60 * 1000;

type Draft = { -readonly [K in keyof Waiver]: Waiver[K] } & { steps: LedgerEvent[] };

/** What steps come to, for every waiver there is, at a moment. Illegal steps are anomalies, and change nothing. */
export function foldWaivers(events: Iterable<LedgerEvent>, judging: WaiverJudging): Folded<Waiver> {
  const folded = foldEvents<Draft>(events, 'waiver', judging.now, (draft, event, things) => {
    if (isUnvouched(event, judging)) return 'needs-signature';
    const next = stepOf(draft, event, things, judging);
    if (typeof next === 'string') return next;
    next.steps.push({ digest: event.digest, record: event.record });
    next.lastAt = event.record.recordedAt;
    return next;
  });
  for (const waiver of folded.things.values())
    if ((waiver.state === 'active' || waiver.state === 'requested') && waiver.until <= judging.now)
      waiver.state = 'expired';
  return folded;
}

/** Digest of the request a waiver stands on: an approval names it, so that nothing else is approved by it. */
export function requestOf({ steps }: Pick<Waiver, 'steps'>): string | null {
  return steps[0]?.digest ?? null;
}

/** The waivers that permit something at a moment. */
export function activeWaivers(events: Iterable<LedgerEvent>, judging: WaiverJudging): Waiver[] {
  const { root } = judging;
  return [...foldWaivers(events, judging).things.values()].filter(
    (waiver) => waiver.state === 'active' && (root === undefined || isFor(waiver, root)),
  );
}

/** What names a transaction or a merge request is bound by that, where nothing tells which repository this is. */
function isFor({ root, txn, mr }: Waiver, here: string | null): boolean {
  if (root !== null && here !== null) return root === here;
  return txn !== null || mr !== null;
}

function isUnvouched({ digest, record }: TimedEvent, { vouched }: WaiverJudging): boolean {
  const grants = record.event === 'waiver.requested' || record.event === 'waiver.approved';
  return grants && vouched !== undefined && !vouched.has(digest);
}

function stepOf(
  draft: Draft | undefined,
  event: TimedEvent,
  things: ReadonlyMap<string, Draft>,
  judging: WaiverJudging,
): Draft | Fault {
  if (event.record.event === 'waiver.requested') return requested(draft, event);
  if (draft === undefined) return 'unknown';
  const { by } = event.record;
  if (by === null) return 'needs-person';
  if (event.record.event === 'waiver.approved') return approved(draft, event, by, things, judging);
  return ended(draft, event, by, judging);
}

function requested(draft: Draft | undefined, { record, at }: TimedEvent): Draft | Fault {
  const {
    by,
    rule = null,
    link = null,
    until,
    text,
    paths = null,
    txn,
    txns = [],
    mr = null,
    root = null,
  } = record;
  if (draft !== undefined) return 'known-already';
  if (by === null) return 'needs-person';
  if (text === undefined) return 'needs-reason';
  if (rule === null && link === null) return 'needs-scope';
  const end = until === undefined ? Number.NaN : Date.parse(until);
  if (!(end > at && end <= at + MAX_WAIVER_MS)) return 'needs-end';
  return {
    id: record.of,
    state: 'requested',
    rule,
    paths,
    txn,
    txns: txn === null ? [] : [...new Set([txn, ...txns])].sort(),
    mr,
    root,
    exception: link,
    until: end,
    reason: text,
    requestedBy: by,
    requestedAt: at,
    approvedBy: null,
    approvedAt: null,
    endedAt: null,
    steps: [],
    lastAt: record.recordedAt,
  };
}

function approved(
  draft: Draft,
  { record, at }: TimedEvent,
  by: Person,
  things: ReadonlyMap<string, Draft>,
  judging: WaiverJudging,
): Draft | Fault {
  const { people = NOBODY_KNOWN } = judging;
  if (draft.state !== 'requested') return 'decided-already';
  if (!(record.evidence ?? []).some((named) => named === requestOf(draft))) return 'other-request';
  if (at >= draft.until) return 'too-late';
  const concerned = concernedIn(draft, judging).map(people.canonical);
  if (concerned.includes(people.canonical(by))) return 'needs-other-person';
  if (!mayAct(people, by, 'waivers')) return 'needs-role';
  for (const other of things.values())
    if (other.state === 'active' && other.until > at && scopeOf(other) === scopeOf(draft))
      Object.assign(other, { state: 'superseded', endedAt: at });
  draft.state = 'active';
  draft.approvedBy = by;
  draft.approvedAt = at;
  return draft;
}

/** Who can't permit it: who asked, and who made what it is for. */
function concernedIn({ requestedBy, txn }: Draft, { authors = [], authorsOf }: WaiverJudging): Person[] {
  return [requestedBy, ...authors, ...(txn === null ? [] : (authorsOf?.(txn) ?? []))];
}

/**
 * Who asked may take it back. Either no ends it, asked for or approved: one reader may take for approved what another does not,
 * and a yes that is dated before a no, or comes after it, must undo it for neither.
 */
function ended(
  draft: Draft,
  { record, at }: TimedEvent,
  by: Person,
  { people = NOBODY_KNOWN }: WaiverJudging,
): Draft | Fault {
  const isOwn = people.canonical(by) === people.canonical(draft.requestedBy);
  if (!isOwn && !mayAct(people, by, 'waivers')) return 'needs-role';
  if (draft.state !== 'requested' && draft.state !== 'active') return 'decided-already';
  draft.state = record.event === 'waiver.rejected' ? 'rejected' : 'revoked';
  draft.endedAt = at;
  return draft;
}

function scopeOf({ rule, paths, txns, mr, root, exception }: Waiver): string {
  return JSON.stringify([rule, paths === null ? null : [...paths].sort(), txns, mr, root, exception]);
}
