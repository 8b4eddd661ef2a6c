import type { Person } from '../person.ts';
import {
  type DetectedBy,
  type ExceptionType,
  fingerprintOf,
  type ReopenCause,
  type Resolution,
  type Severity,
  severityOf,
} from '../records/exception.ts';
import type { EventRecord } from '../records/record.ts';
import { type Fault, type Folded, foldEvents, type LedgerEvent, type TimedEvent } from './order.ts';
import { type Judging, type KnownPeople, mayAct, NOBODY_KNOWN } from './people.ts';
import { ALL_ASSERTED, type StepTrust, type TrustOf } from './trust.ts';

export type ExceptionState =
  | 'open'
  | 'triaged'
  | 'in-progress'
  | 'evidence-submitted'
  | 'closed'
  | 'reopened';

/** One time an exception was closed, and what became of that. */
export interface Closing {
  readonly at: number;
  readonly resolution: Resolution;
  /** The waiver it was closed for, or the exception it is a duplicate of. */
  readonly link: string | null;
  /** Of the step that closed it. */
  readonly trust: StepTrust;
  readonly reopened: { readonly at: number; readonly cause: ReopenCause } | null;
}

/** An exception as all its steps leave it. Times are milliseconds since 1970. */
export interface Exception {
  readonly fingerprint: string;
  readonly type: ExceptionType;
  readonly severity: Severity;
  readonly state: ExceptionState;
  /** Of the step that brought it there. */
  readonly trust: StepTrust;
  readonly txn: string | null;
  readonly commit: string | null;
  readonly mr: string | null;
  readonly rule: string | null;
  /** Of the check that denied it last, where one did. */
  readonly stage: NonNullable<EventRecord['stage']> | null;
  readonly classes: readonly string[];
  readonly text: string | null;
  readonly detectedBy: DetectedBy;
  readonly detectedAt: number;
  readonly openedAt: number;
  readonly due: number | null;
  readonly owner: Person | null;
  /** What was handed in since it was opened last. */
  readonly evidence: readonly string[];
  readonly links: readonly string[];
  readonly closings: readonly Closing[];
  /** What happened to it, oldest first. */
  readonly steps: readonly LedgerEvent[];
  /** When the last step was recorded. */
  readonly lastAt: string;
}

/** How it was closed, while it is; null when it is not. */
export function closingOf({ closings }: Exception): Closing | null {
  const last = closings.at(-1);
  return last === undefined || last.reopened !== null ? null : last;
}

/** Whether it stands as it does because its rule passes again: nobody has looked at that yet. */
export function isPassing({ state, steps }: Pick<Exception, 'state' | 'steps'>): boolean {
  if (state !== 'evidence-submitted') return false;
  const last = steps.findLast(({ record }) => record.event === 'exception.evidence-submitted');
  return last?.record.detectedBy === 'check';
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Draft = Mutable<Omit<Exception, 'evidence' | 'links' | 'closings' | 'steps'>> & {
  /** Whether it takes an auditor to be done with it, where there are any. */
  isGrave: boolean;
  evidence: string[];
  links: string[];
  closings: Mutable<Closing>[];
  steps: LedgerEvent[];
};

interface Judged {
  readonly people: KnownPeople;
  readonly trustOf: TrustOf;
}

type Step = (draft: Draft, event: TimedEvent, judged: Judged) => Fault | null;

/** What steps come to, for every exception there is. Illegal steps are anomalies, and change nothing. */
export function foldExceptions(
  events: Iterable<LedgerEvent>,
  { now, people = NOBODY_KNOWN, trustOf = ALL_ASSERTED }: Judging,
): Folded<Exception> {
  return foldEvents<Draft>(events, 'exception', now, (draft, event) => {
    const { record, digest } = event;
    if (record.event === 'exception.opened') return opened(draft, event, trustOf);
    if (draft === undefined) return 'unknown';
    const fault = STEPS[record.event]?.(draft, event, { people, trustOf }) ?? null;
    if (fault !== null) return fault;
    if (LEADS_TO[record.event] === draft.state) draft.trust = trustOf(digest);
    return noted(draft, event);
  });
}

/** An exception found by two, or again, is the one it was. */
function opened(draft: Draft | undefined, event: TimedEvent, trustOf: TrustOf): Draft | Fault {
  const { record, at, digest } = event;
  const { type, severity, detectedBy, txn, commit = null, mr = null, rule = null } = record;
  if (type === undefined || severity === undefined || detectedBy === undefined) return 'incomplete';
  if (fingerprintOf({ type, txn, commit, mr, rule }) !== record.of) return 'wrong-name';
  if (draft !== undefined) return noted(foundAgain(draft, event, trustOf), event);
  const detectedAt = timeIn(record.detectedAt) ?? at;
  const trust = trustOf(digest);
  const fresh: Draft = {
    fingerprint: record.of,
    type,
    severity,
    txn,
    commit,
    mr,
    rule,
    stage: record.stage ?? null,
    detectedBy,
    state: 'open',
    trust,
    // Whoever is quickest to find it says how bad it is: unsigned words make nothing less than its kind is.
    isGrave: isGrave(severity) || (trust === 'asserted' && isGrave(severityOf(type))),
    classes: record.classes ?? [],
    text: record.text ?? null,
    detectedAt: Math.min(detectedAt, at),
    openedAt: at,
    due: timeIn(record.due),
    owner: record.owner ?? null,
    evidence: [],
    links: [],
    closings: [],
    steps: [],
    lastAt: record.recordedAt,
  };
  return noted(fresh, event);
}

/** That a rule passes is no evidence any more once it fails again. */
function foundAgain(draft: Draft, { record, digest }: TimedEvent, trustOf: TrustOf): Draft {
  if (record.detectedBy !== 'check' || !isPassing(draft)) return draft;
  draft.state = 'open';
  draft.evidence = [];
  draft.trust = trustOf(digest);
  draft.stage = record.stage ?? draft.stage;
  return draft;
}

function noted(draft: Draft, { digest, record }: TimedEvent): Draft {
  draft.steps.push({ digest, record });
  draft.lastAt = record.recordedAt;
  return draft;
}

function isGrave(severity: Severity): boolean {
  return severity === 'critical' || severity === 'high';
}

/** The state each step leads to. */
const LEADS_TO: Readonly<Partial<Record<EventRecord['event'], ExceptionState>>> = {
  'exception.triaged': 'triaged',
  'exception.linked': 'in-progress',
  'exception.evidence-submitted': 'evidence-submitted',
  'exception.closed': 'closed',
  'exception.reopened': 'reopened',
};

const STEPS: Readonly<Partial<Record<EventRecord['event'], Step>>> = {
  'exception.triaged': triaged,
  'exception.commented': (_, { record }) => (record.text === undefined ? 'incomplete' : null),
  'exception.linked': linked,
  'exception.evidence-submitted': submitted,
  'exception.closed': closed,
  'exception.reopened': reopened,
};

function triaged(draft: Draft, event: TimedEvent, judged: Judged): Fault | null {
  const { record } = event;
  const { severity = draft.severity } = record;
  if (draft.state === 'closed') return 'closed';
  const eases = draft.isGrave && record.severity !== undefined && !isGrave(severity);
  if (eases && !isByAuditor(event, judged)) return 'needs-auditor';
  draft.state = 'triaged';
  draft.severity = severity;
  if (record.severity !== undefined) draft.isGrave = isGrave(severity);
  draft.owner = record.owner ?? draft.owner;
  draft.due = timeIn(record.due) ?? draft.due;
  return null;
}

/** Work on it has begun. What is said of a closed one is kept, and opens nothing. */
function linked(draft: Draft, { record }: TimedEvent): Fault | null {
  if (record.link === undefined) return 'needs-link';
  draft.links.push(record.link);
  if (draft.state !== 'closed' && draft.state !== 'evidence-submitted') draft.state = 'in-progress';
  return null;
}

function submitted(draft: Draft, { record }: TimedEvent): Fault | null {
  if (draft.state === 'closed') return 'closed';
  if (record.evidence === undefined || record.evidence.length === 0) return 'needs-evidence';
  draft.evidence.push(...record.evidence);
  draft.state = 'evidence-submitted';
  return null;
}

function closed(draft: Draft, event: TimedEvent, judged: Judged): Fault | null {
  const { record, at, digest } = event;
  const { resolution, evidence = [], link = null } = record;
  if (draft.state === 'closed') return 'closed';
  if (resolution === undefined) return 'incomplete';
  const fault = unsupported(resolution, record, draft.evidence.length + evidence.length);
  if (fault !== null) return fault;
  const trust = judged.trustOf(digest);
  if (draft.isGrave && !isByAuditor(event, judged) && !isByCheck(draft, event, trust)) return 'needs-auditor';
  draft.evidence.push(...evidence);
  draft.state = 'closed';
  draft.closings.push({ at, resolution, link, trust, reopened: null });
  return null;
}

/** Signed by somebody who audits; where nobody is named for that, everybody may be taken at their word. */
function isByAuditor({ record: { by }, digest }: TimedEvent, { people, trustOf }: Judged): boolean {
  if (!people.anybodyHolds('audit')) return true;
  return by !== null && people.holds(by, 'audit') && trustOf(digest) === 'attested';
}

/** What a rule found is over when a pipeline of the target signs that the rule passes. */
function isByCheck({ type }: Draft, { record }: TimedEvent, trust: StepTrust): boolean {
  const isOfRule = type === 'policy-violation' || type === 'decision-error';
  return (
    isOfRule &&
    trust === 'evaluated' &&
    record.resolution === 'resolved' &&
    record.detectedBy === 'check' &&
    (record.evidence ?? []).length > 0
  );
}

/** Nothing is closed just so: what it takes depends on how. */
function unsupported(resolution: Resolution, { text, link }: EventRecord, evidence: number): Fault | null {
  if (resolution === 'resolved') return evidence === 0 ? 'needs-evidence' : null;
  if (resolution === 'waived' || resolution === 'duplicate') return link === undefined ? 'needs-link' : null;
  return text === undefined ? 'needs-reason' : null;
}

function reopened(draft: Draft, { record, at }: TimedEvent, { people }: Judged): Fault | null {
  const { cause, by, detectedBy = 'person' } = record;
  const last = draft.closings.at(-1);
  if (draft.state !== 'closed' || last === undefined) return 'not-closed';
  if (cause === undefined) return 'needs-reason';
  const isTool = detectedBy !== 'person' && cause !== 'audit-follow-up';
  if (!isTool && !mayAct(people, by, 'audit')) return 'needs-role';
  last.reopened = { at, cause };
  draft.state = 'reopened';
  draft.stage = record.stage ?? draft.stage;
  draft.evidence = [];
  draft.due = timeIn(record.due) ?? draft.due;
  return null;
}

function timeIn(text: string | undefined): number | null {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? null : time;
}
