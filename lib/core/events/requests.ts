import type { Person } from '../person.ts';
import { type Fault, type Folded, foldEvents, type LedgerEvent, type TimedEvent } from './order.ts';
import { type Judging, mayAct, NOBODY_KNOWN } from './people.ts';
import { ALL_ASSERTED, type StepTrust } from './trust.ts';

export type RequestState = 'requested' | 'delivered' | 'accepted' | 'rejected';

/** A question of an auditor. Times are milliseconds since 1970. */
export interface EvidenceRequest {
  readonly id: string;
  readonly state: RequestState;
  /** Of the step that brought it there. */
  readonly trust: StepTrust;
  readonly question: string;
  /** What it is about, as it was named. */
  readonly about: string | null;
  readonly txn: string | null;
  readonly commit: string | null;
  readonly mr: string | null;
  readonly due: number | null;
  readonly requestedBy: Person | null;
  readonly requestedAt: number;
  readonly deliveredAt: number | null;
  readonly acceptedAt: number | null;
  readonly acceptedBy: Person | null;
  readonly rejections: number;
  /** Of the last delivery. */
  readonly evidence: readonly string[];
  readonly missing: readonly string[];
  readonly steps: readonly LedgerEvent[];
  readonly lastAt: string;
}

type Draft = { -readonly [K in keyof EvidenceRequest]: EvidenceRequest[K] } & { steps: LedgerEvent[] };

/** What steps come to, for every request there is. The clock of one ends with its first yes; a no does not stop it. */
export function foldRequests(
  events: Iterable<LedgerEvent>,
  { now, people = NOBODY_KNOWN, trustOf = ALL_ASSERTED }: Judging,
): Folded<EvidenceRequest> {
  return foldEvents<Draft>(events, 'evidence', now, (draft, event) => {
    const { record, digest } = event;
    if (record.event === 'evidence.requested' && draft !== undefined) return 'known-already';
    const next = draft ?? requested(event);
    if (typeof next === 'string') return next;
    const fault = draft === undefined ? null : answered(draft, event, people);
    if (fault !== null) return fault;
    next.trust = trustOf(digest);
    next.steps.push({ digest, record });
    next.lastAt = record.recordedAt;
    return next;
  });
}

function requested({ record, at }: TimedEvent): Draft | Fault {
  if (record.event !== 'evidence.requested') return 'unknown';
  if (record.text === undefined) return 'incomplete';
  const due = record.due === undefined ? Number.NaN : Date.parse(record.due);
  return {
    id: record.of,
    state: 'requested',
    trust: 'asserted',
    question: record.text,
    about: record.link ?? null,
    txn: record.txn,
    commit: record.commit ?? null,
    mr: record.mr ?? null,
    due: Number.isNaN(due) ? null : due,
    requestedBy: record.by,
    requestedAt: at,
    deliveredAt: null,
    acceptedAt: null,
    acceptedBy: null,
    rejections: 0,
    evidence: [],
    missing: [],
    steps: [],
    lastAt: record.recordedAt,
  };
}

function answered(
  draft: Draft,
  { record, at }: TimedEvent,
  people: NonNullable<Judging['people']>,
): Fault | null {
  const { event, by } = record;
  if (draft.state === 'accepted') return 'decided-already';
  const isOwn =
    by !== null && draft.requestedBy !== null && people.canonical(by) === people.canonical(draft.requestedBy);
  const mayJudge = mayAct(people, by, 'audit');
  if (event === 'evidence.accepted' && !isOwn && !mayJudge) return 'needs-role';
  if (event === 'evidence.rejected' && !mayJudge) return 'needs-role';
  if (event === 'evidence.rejected' && record.text === undefined) return 'needs-reason';
  if (event === 'evidence.delivered') {
    draft.state = 'delivered';
    draft.deliveredAt ??= at;
    draft.evidence = record.evidence ?? [];
    draft.missing = record.missing ?? [];
  } else if (event === 'evidence.rejected') {
    draft.state = 'rejected';
    draft.rejections++;
  } else {
    draft.state = 'accepted';
    draft.acceptedAt = at;
    draft.acceptedBy = by;
  }
  return null;
}
