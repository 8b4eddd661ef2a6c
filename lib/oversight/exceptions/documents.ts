import { closingOf, type Exception } from '../../core/events/exceptions.ts';
import type { LedgerEvent } from '../../core/events/order.ts';
import type { EvidenceRequest } from '../../core/events/requests.ts';
import type { Waiver } from '../../core/events/waivers.ts';
import type { EvidenceRequestDocument } from '../../core/generated/evidence-request-v1.types.ts';
import type { ExceptionDocument } from '../../core/generated/exception-v1.types.ts';
import type { WaiverDocument } from '../../core/generated/waiver-v1.types.ts';
import type { Person } from '../../core/person.ts';
import type { Queue } from './queue.ts';
import { isOverdue } from './select.ts';

type StepDocument = ExceptionDocument['steps'][number];
type Steps = Pick<Queue, 'signers' | 'anomalies' | 'trustOf'>;

/** Tells an exception with all its steps, and those that do not fit. */
export function exceptionDocument(
  one: Exception,
  queue: Steps & Pick<Queue, 'waivers'>,
  now: number,
): ExceptionDocument {
  const closing = closingOf(one);
  return {
    schema: 'agent-log/exception/v1',
    id: one.fingerprint,
    type: one.type,
    severity: one.severity,
    state: one.state,
    trust: one.trust,
    txn: one.txn,
    commit: one.commit,
    mr: one.mr,
    rule: one.rule,
    stage: one.stage,
    classes: [...one.classes],
    text: one.text,
    detectedBy: one.detectedBy,
    detectedAt: time(one.detectedAt),
    openedAt: time(one.openedAt),
    ageSeconds: ageOf(one, now),
    due: one.due === null ? null : time(one.due),
    overdue: isOverdue(one, now),
    owner: personOf(one.owner),
    resolution: closing?.resolution ?? null,
    evidence: [...one.evidence],
    links: [...one.links],
    closings: one.closings.map(({ at, resolution, link, trust, reopened }) => ({
      at: time(at),
      resolution,
      link,
      trust,
      reopened: reopened === null ? null : { at: time(reopened.at), cause: reopened.cause },
    })),
    waivers: queue.waivers.filter(({ exception }) => exception === one.fingerprint).map(({ id }) => id),
    ...stepsOf(one.fingerprint, one.steps, queue),
  };
}

/** Tells a waiver with all its steps, and those that do not fit. */
export function waiverDocument(one: Waiver, queue: Steps & Pick<Queue, 'heeded'>): WaiverDocument {
  const { steps, lastAt: _, until, requestedAt, approvedAt, endedAt, ...rest } = one;
  return {
    schema: 'agent-log/waiver/v1',
    ...rest,
    paths: rest.paths === null ? null : [...rest.paths],
    txns: [...rest.txns],
    requestedBy: { ...rest.requestedBy },
    approvedBy: personOf(rest.approvedBy),
    heeded: queue.heeded.has(one.id),
    until: time(until),
    requestedAt: time(requestedAt),
    approvedAt: approvedAt === null ? null : time(approvedAt),
    endedAt: endedAt === null ? null : time(endedAt),
    ...stepsOf(one.id, steps, queue),
  };
}

/** Tells a request with all its steps, and those that do not fit. */
export function requestDocument(one: EvidenceRequest, queue: Steps, now: number): EvidenceRequestDocument {
  const { steps, lastAt: _, due, requestedAt, deliveredAt, acceptedAt, ...rest } = one;
  return {
    schema: 'agent-log/evidence-request/v1',
    ...rest,
    requestedBy: personOf(rest.requestedBy),
    acceptedBy: personOf(rest.acceptedBy),
    evidence: [...rest.evidence],
    missing: [...rest.missing],
    due: due === null ? null : time(due),
    overdue: acceptedAt === null && due !== null && due < now,
    requestedAt: time(requestedAt),
    deliveredAt: deliveredAt === null ? null : time(deliveredAt),
    acceptedAt: acceptedAt === null ? null : time(acceptedAt),
    openSeconds: Math.floor(Math.max(0, (acceptedAt ?? now) - requestedAt) / 1000),
    ...stepsOf(one.id, steps, queue),
  };
}

/** Seconds an exception has been there; of a closed one, until it was closed. */
export function ageOf(one: Exception, now: number): number {
  const end = closingOf(one)?.at ?? now;
  return Math.floor(Math.max(0, end - one.detectedAt) / 1000);
}

/** What was done to one thing, and what fits nowhere. */
function stepsOf(
  of: string,
  steps: readonly LedgerEvent[],
  queue: Steps,
): { steps: StepDocument[]; anomalies: StepDocument[] } {
  return {
    steps: steps.map((step) => stepDocument(step, queue)),
    anomalies: queue.anomalies
      .filter(({ record }) => record.of === of)
      .map((anomaly) => ({ ...stepDocument(anomaly, queue), why: anomaly.why })),
  };
}

function stepDocument({ digest, record }: LedgerEvent, { signers, trustOf }: Steps): StepDocument {
  const { schema: _, of: __, txn: ___, ...rest } = record;
  return { record: digest, ...rest, signedBy: [...(signers.get(digest) ?? [])], trust: trustOf(digest) };
}

function personOf(person: Person | null): { name: string; email: string } | null {
  return person === null ? null : { ...person };
}

function time(at: number): string {
  return new Date(at).toISOString();
}
