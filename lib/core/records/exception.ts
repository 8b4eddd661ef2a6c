import { hash } from 'node:crypto';
import type { EventRecord } from './record.ts';

export type ExceptionType = NonNullable<EventRecord['type']>;
export type Severity = NonNullable<EventRecord['severity']>;
export type DetectedBy = NonNullable<EventRecord['detectedBy']>;
export type Resolution = NonNullable<EventRecord['resolution']>;
export type ReopenCause = NonNullable<EventRecord['cause']>;

/** A gap in evidence or compliance that somebody came upon. */
export interface Finding {
  readonly type: ExceptionType;
  /** Default: severityOf. */
  readonly severity?: Severity;
  readonly txn: string | null;
  readonly commit?: string;
  readonly mr?: string;
  /** The policy rule it is about. */
  readonly rule?: string;
  /** Risk classes of what it is about. */
  readonly classes?: readonly string[];
  readonly detectedBy: DetectedBy;
  /** Of the check that denied it. */
  readonly stage?: NonNullable<EventRecord['stage']>;
  readonly text?: string;
}

/** How bad each type is as long as no file of a risk class is touched. */
const SEVERITY_OF: Readonly<Record<ExceptionType, Severity>> = {
  'record-invalid': 'critical',
  'policy-violation': 'high',
  'decision-error': 'high',
  'provenance-missing': 'medium',
  'identity-unclear': 'medium',
  'decision-chain-gap': 'medium',
  'rollback-unbounded': 'medium',
  'revert-partial': 'medium',
  'replay-failed': 'medium',
};

export const EXCEPTION_TYPES = Object.keys(SEVERITY_OF) as readonly ExceptionType[];

/** The worst first. */
export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info'];

/** Days there are to deal with an exception, from when it was found. */
const DAYS: Readonly<Record<Severity, number | null>> = {
  critical: 15,
  high: 30,
  medium: 90,
  low: 180,
  info: null,
};

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * What makes an exception the same one, whoever finds it, in whichever clone: its type, what it is about, and the rule. It is
 * about a transaction; where there is none about a commit, and else about a merge request.
 */
export function fingerprintOf({
  type,
  txn,
  commit = null,
  mr = null,
  rule = null,
}: {
  readonly type: ExceptionType;
  readonly txn: string | null;
  readonly commit?: string | null | undefined;
  readonly mr?: string | null | undefined;
  readonly rule?: string | null | undefined;
}): string {
  return hash('sha256', JSON.stringify(['agent-log/exception', type, txn ?? commit ?? mr, rule]));
}

/** How bad an exception is unless somebody says otherwise: a step worse where files of a risk class are concerned. */
export function severityOf(type: ExceptionType, classes: readonly string[] = []): Severity {
  const plain = SEVERITIES.indexOf(SEVERITY_OF[type]);
  return SEVERITIES[Math.max(0, plain - (classes.length > 0 ? 1 : 0))] ?? 'medium';
}

/** When an exception has to be dealt with; null where that is open. */
export function dueOf(severity: Severity, detectedAt: number): string | null {
  const days = DAYS[severity];
  return days === null ? null : new Date(detectedAt + days * DAY_MS).toISOString();
}
