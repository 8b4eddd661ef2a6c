import { closingOf, type Exception } from '../../core/events/exceptions.ts';
import type { LedgerEvent } from '../../core/events/order.ts';
import type { EvidenceRequest } from '../../core/events/requests.ts';
import type { Waiver } from '../../core/events/waivers.ts';
import type { Person } from '../../core/person.ts';
import type { EventRecord } from '../../core/record.ts';
import type { Queue } from './queue.ts';
import { isOverdue } from './select.ts';

/** A step, as documents tell it. */
interface StepDocument extends Omit<EventRecord, 'schema' | 'of' | 'txn'> {
  readonly record: string;
  /** Public keys of signatures beside it. Nobody has checked them here. */
  readonly signedBy: readonly string[];
}

interface AnomalyDocument extends StepDocument {
  readonly why: string;
}

/** What `exception list --json` and `exception show --json` print of one. */
interface ExceptionDocument extends WithSteps {
  readonly schema: 'agent-log/exception/v1';
  readonly id: string;
  readonly type: Exception['type'];
  readonly severity: Exception['severity'];
  readonly state: Exception['state'];
  readonly txn: string | null;
  readonly commit: string | null;
  readonly mr: string | null;
  readonly rule: string | null;
  readonly classes: readonly string[];
  readonly text: string | null;
  readonly detectedBy: Exception['detectedBy'];
  readonly detectedAt: string;
  readonly openedAt: string;
  readonly ageSeconds: number;
  readonly due: string | null;
  readonly overdue: boolean;
  readonly owner: Person | null;
  readonly resolution: string | null;
  readonly evidence: readonly string[];
  readonly links: readonly string[];
  readonly closings: readonly object[];
  readonly waivers: readonly string[];
}

interface WithSteps {
  readonly steps: readonly StepDocument[];
  readonly anomalies: readonly AnomalyDocument[];
}

/** What `exception waivers --json` prints of one. */
interface WaiverDocument
  extends Omit<Waiver, 'steps' | 'lastAt' | 'until' | 'requestedAt' | 'approvedAt' | 'endedAt'>,
    WithSteps {
  readonly schema: 'agent-log/waiver/v1';
  readonly heeded: boolean;
  readonly until: string;
  readonly requestedAt: string;
  readonly approvedAt: string | null;
  readonly endedAt: string | null;
}

/** What `evidence requests --json` prints of one. */
interface RequestDocument
  extends Omit<EvidenceRequest, 'steps' | 'lastAt' | 'due' | 'requestedAt' | 'deliveredAt' | 'acceptedAt'>,
    WithSteps {
  readonly schema: 'agent-log/evidence-request/v1';
  readonly due: string | null;
  readonly overdue: boolean;
  readonly requestedAt: string;
  readonly deliveredAt: string | null;
  readonly acceptedAt: string | null;
  /** From the question to the first yes, or to now. */
  readonly openSeconds: number;
}

type Signers = Queue['signers'];

/** Tells an exception with all its steps, and those that do not fit. */
export function exceptionDocument(
  one: Exception,
  { signers, anomalies, waivers }: Pick<Queue, 'signers' | 'anomalies' | 'waivers'>,
  now: number,
): ExceptionDocument {
  const closing = closingOf(one);
  return {
    schema: 'agent-log/exception/v1',
    id: one.fingerprint,
    type: one.type,
    severity: one.severity,
    state: one.state,
    txn: one.txn,
    commit: one.commit,
    mr: one.mr,
    rule: one.rule,
    classes: one.classes,
    text: one.text,
    detectedBy: one.detectedBy,
    detectedAt: time(one.detectedAt),
    openedAt: time(one.openedAt),
    ageSeconds: ageOf(one, now),
    due: one.due === null ? null : time(one.due),
    overdue: isOverdue(one, now),
    owner: one.owner,
    resolution: closing?.resolution ?? null,
    evidence: one.evidence,
    links: one.links,
    closings: one.closings.map(({ at, resolution, link, reopened }) => ({
      at: time(at),
      resolution,
      link,
      reopened: reopened === null ? null : { at: time(reopened.at), cause: reopened.cause },
    })),
    waivers: waivers.filter(({ exception }) => exception === one.fingerprint).map(({ id }) => id),
    steps: one.steps.map((step) => stepDocument(step, signers)),
    anomalies: anomaliesOf(one.fingerprint, anomalies, signers),
  };
}

/** Tells a waiver with all its steps, and those that do not fit. */
export function waiverDocument(
  one: Waiver,
  { signers, anomalies, heeded }: Pick<Queue, 'signers' | 'anomalies' | 'heeded'>,
): WaiverDocument {
  const { steps, lastAt: _, until, requestedAt, approvedAt, endedAt, ...rest } = one;
  return {
    schema: 'agent-log/waiver/v1',
    ...rest,
    heeded: heeded.has(one.id),
    until: time(until),
    requestedAt: time(requestedAt),
    approvedAt: approvedAt === null ? null : time(approvedAt),
    endedAt: endedAt === null ? null : time(endedAt),
    steps: steps.map((step) => stepDocument(step, signers)),
    anomalies: anomaliesOf(one.id, anomalies, signers),
  };
}

/** Tells a request with all its steps, and those that do not fit. */
export function requestDocument(
  one: EvidenceRequest,
  { signers, anomalies }: Pick<Queue, 'signers' | 'anomalies'>,
  now: number,
): RequestDocument {
  const { steps, lastAt: _, due, requestedAt, deliveredAt, acceptedAt, ...rest } = one;
  return {
    schema: 'agent-log/evidence-request/v1',
    ...rest,
    due: due === null ? null : time(due),
    overdue: acceptedAt === null && due !== null && due < now,
    requestedAt: time(requestedAt),
    deliveredAt: deliveredAt === null ? null : time(deliveredAt),
    acceptedAt: acceptedAt === null ? null : time(acceptedAt),
    openSeconds: Math.floor(Math.max(0, (acceptedAt ?? now) - requestedAt) / 1000),
    steps: steps.map((step) => stepDocument(step, signers)),
    anomalies: anomaliesOf(one.id, anomalies, signers),
  };
}

/** Seconds an exception has been there; of a closed one, until it was closed. */
export function ageOf(one: Exception, now: number): number {
  const end = closingOf(one)?.at ?? now;
  return Math.floor(Math.max(0, end - one.detectedAt) / 1000);
}

function stepDocument({ digest, record }: LedgerEvent, signers: Signers): StepDocument {
  const { schema: _, of: __, txn: ___, ...rest } = record;
  return { record: digest, ...rest, signedBy: signers.get(digest) ?? [] };
}

function anomaliesOf(of: string, anomalies: Queue['anomalies'], signers: Signers): AnomalyDocument[] {
  return anomalies
    .filter(({ record }) => record.of === of)
    .map((anomaly) => ({ ...stepDocument(anomaly, signers), why: anomaly.why }));
}

function time(at: number): string {
  return new Date(at).toISOString();
}
