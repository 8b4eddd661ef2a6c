import { recordDigest } from '../digest.ts';
import { AgentLogError } from '../errors.ts';
import type { ApprovalRecord } from '../generated/approval-v1.types.ts';
import { validate as validateApproval } from '../generated/approval-v1.validate.ts';
import type { BindingRecord } from '../generated/binding-v1.types.ts';
import { type Validator, validate as validateBinding } from '../generated/binding-v1.validate.ts';
import type { CheckpointRecord } from '../generated/checkpoint-v1.types.ts';
import { validate as validateCheckpoint } from '../generated/checkpoint-v1.validate.ts';
import type { DecisionRecord } from '../generated/decision-v1.types.ts';
import { validate as validateDecision } from '../generated/decision-v1.validate.ts';
import type { ErasureRecord } from '../generated/erasure-v1.types.ts';
import { validate as validateErasure } from '../generated/erasure-v1.validate.ts';
import type { EventRecord } from '../generated/event-v1.types.ts';
import { validate as validateEvent } from '../generated/event-v1.validate.ts';
import type { ExecutionRecord } from '../generated/execution-v1.types.ts';
import { validate as validateExecution } from '../generated/execution-v1.validate.ts';
import type { LandingRecord } from '../generated/landing-v1.types.ts';
import { validate as validateLanding } from '../generated/landing-v1.validate.ts';
import type { MergeRequestRecord } from '../generated/mr-v1.types.ts';
import { validate as validateMergeRequest } from '../generated/mr-v1.validate.ts';
import type { RegroupRecord } from '../generated/regroup-v1.types.ts';
import { validate as validateRegroup } from '../generated/regroup-v1.validate.ts';
import type { RelandRecord } from '../generated/reland-v1.types.ts';
import { validate as validateReland } from '../generated/reland-v1.validate.ts';
import type { ReplayRecord } from '../generated/replay-v1.types.ts';
import { validate as validateReplay } from '../generated/replay-v1.validate.ts';
import type { RevertRecord } from '../generated/revert-v1.types.ts';
import { validate as validateRevert } from '../generated/revert-v1.validate.ts';
import type { SagaRecord } from '../generated/saga-v1.types.ts';
import { validate as validateSaga } from '../generated/saga-v1.validate.ts';
import type { SignatureRecord } from '../generated/signature-v1.types.ts';
import { validate as validateSignature } from '../generated/signature-v1.validate.ts';
import type { SupplementRecord } from '../generated/supplement-v1.types.ts';
import { validate as validateSupplement } from '../generated/supplement-v1.validate.ts';

export type {
  ApprovalRecord,
  BindingRecord,
  CheckpointRecord,
  DecisionRecord,
  ErasureRecord,
  EventRecord,
  ExecutionRecord,
  LandingRecord,
  MergeRequestRecord,
  RegroupRecord,
  RelandRecord,
  ReplayRecord,
  RevertRecord,
  SagaRecord,
  SignatureRecord,
  SupplementRecord,
};
export type LedgerRecord =
  | ExecutionRecord
  | BindingRecord
  | ApprovalRecord
  | CheckpointRecord
  | DecisionRecord
  | EventRecord
  | MergeRequestRecord
  | ErasureRecord
  | LandingRecord
  | RegroupRecord
  | RelandRecord
  | ReplayRecord
  | RevertRecord
  | SagaRecord
  | SignatureRecord
  | SupplementRecord;

/** What is judged: a range of commits on its way to a branch. */
export type ChangeSubject = DecisionRecord['subject'];

/** A line over this is refused on writing and named on reading: no note may make a reader allocate without bound. */
export const MAX_LINE_BYTES: number = 4 * 1024 * 1024;

const VALIDATORS: Readonly<Record<LedgerRecord['schema'], Validator>> = {
  'agent-log/execution/v1': validateExecution,
  'agent-log/binding/v1': validateBinding,
  'agent-log/approval/v1': validateApproval,
  'agent-log/checkpoint/v1': validateCheckpoint,
  'agent-log/decision/v1': validateDecision,
  'agent-log/event/v1': validateEvent,
  'agent-log/mr/v1': validateMergeRequest,
  'agent-log/erasure/v1': validateErasure,
  'agent-log/landing/v1': validateLanding,
  'agent-log/regroup/v1': validateRegroup,
  'agent-log/reland/v1': validateReland,
  'agent-log/replay/v1': validateReplay,
  'agent-log/revert/v1': validateRevert,
  'agent-log/saga/v1': validateSaga,
  'agent-log/signature/v1': validateSignature,
  'agent-log/supplement/v1': validateSupplement,
};

/** A stored line and what it says. `digest` is of the bytes as stored. */
export interface StoredRecord<R extends LedgerRecord = LedgerRecord> {
  readonly line: string;
  readonly digest: string;
  readonly record: R;
}

/** Why a stored line could not be read; the line itself is kept. */
export type LineProblem = 'not-json' | 'newer-version' | 'unknown-schema' | 'invalid' | 'too-long';

export interface UnreadableLine {
  readonly line: string;
  readonly digest: string;
  readonly problem: LineProblem;
  readonly detail: string;
}

export type ParsedLine = StoredRecord | UnreadableLine;

export function isReadable(parsed: ParsedLine): parsed is StoredRecord {
  return 'record' in parsed;
}

export function isExecution(stored: StoredRecord): stored is StoredRecord<ExecutionRecord> {
  return stored.record.schema === 'agent-log/execution/v1';
}

export function isBinding(stored: StoredRecord): stored is StoredRecord<BindingRecord> {
  return stored.record.schema === 'agent-log/binding/v1';
}

export function isApproval(stored: StoredRecord): stored is StoredRecord<ApprovalRecord> {
  return stored.record.schema === 'agent-log/approval/v1';
}

export function isCheckpoint(stored: StoredRecord): stored is StoredRecord<CheckpointRecord> {
  return stored.record.schema === 'agent-log/checkpoint/v1';
}

export function isDecision(stored: StoredRecord): stored is StoredRecord<DecisionRecord> {
  return stored.record.schema === 'agent-log/decision/v1';
}

export function isEvent(stored: StoredRecord): stored is StoredRecord<EventRecord> {
  return stored.record.schema === 'agent-log/event/v1';
}

export function isMergeRequest(stored: StoredRecord): stored is StoredRecord<MergeRequestRecord> {
  return stored.record.schema === 'agent-log/mr/v1';
}

export function isErasure(stored: StoredRecord): stored is StoredRecord<ErasureRecord> {
  return stored.record.schema === 'agent-log/erasure/v1';
}

export function isLanding(stored: StoredRecord): stored is StoredRecord<LandingRecord> {
  return stored.record.schema === 'agent-log/landing/v1';
}

export function isRegroup(stored: StoredRecord): stored is StoredRecord<RegroupRecord> {
  return stored.record.schema === 'agent-log/regroup/v1';
}

export function isReland(stored: StoredRecord): stored is StoredRecord<RelandRecord> {
  return stored.record.schema === 'agent-log/reland/v1';
}

export function isReplay(stored: StoredRecord): stored is StoredRecord<ReplayRecord> {
  return stored.record.schema === 'agent-log/replay/v1';
}

export function isRevert(stored: StoredRecord): stored is StoredRecord<RevertRecord> {
  return stored.record.schema === 'agent-log/revert/v1';
}

export function isSaga(stored: StoredRecord): stored is StoredRecord<SagaRecord> {
  return stored.record.schema === 'agent-log/saga/v1';
}

export function isSignature(stored: StoredRecord): stored is StoredRecord<SignatureRecord> {
  return stored.record.schema === 'agent-log/signature/v1';
}

export function isSupplement(stored: StoredRecord): stored is StoredRecord<SupplementRecord> {
  return stored.record.schema === 'agent-log/supplement/v1';
}

/** The line a record is stored as. Throws BAD_RECORD when the value does not meet its schema. */
export function encodeRecord(record: LedgerRecord): StoredRecord {
  const detail = problemOf(record);
  if (detail !== null) throw badRecord(detail);
  const line = JSON.stringify(record);
  if (Buffer.byteLength(line) > MAX_LINE_BYTES) throw badRecord(`over ${MAX_LINE_BYTES} bytes`);
  return { line, digest: recordDigest(line), record };
}

/** Reads one stored line. Never throws: what can't be read is a value that says why. */
export function parseLine(line: string): ParsedLine {
  const digest = recordDigest(line);
  const unreadable = (problem: LineProblem, detail: string): UnreadableLine => ({
    line,
    digest,
    problem,
    detail,
  });
  if (line.length > MAX_LINE_BYTES) return unreadable('too-long', `${line.length} characters`);
  const value = parseJson(line);
  if (value === undefined) return unreadable('not-json', 'not a JSON object');
  const schema = schemaOf(value);
  if (!isKnownSchema(schema)) return unreadable(...unknownSchema(schema));
  const detail = problemOf(value as LedgerRecord);
  return detail === null ? { line, digest, record: value as LedgerRecord } : unreadable('invalid', detail);
}

function isKnownSchema(schema: string): schema is LedgerRecord['schema'] {
  return Object.hasOwn(VALIDATORS, schema);
}

function problemOf(record: LedgerRecord): string | null {
  const validator = VALIDATORS[record.schema];
  if (validator(record)) return null;
  const error = validator.errors?.[0];
  return `${error?.instancePath || '/'} ${error?.message ?? 'is not valid'}`;
}

function parseJson(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function schemaOf(value: object): string {
  const schema: unknown = 'schema' in value ? value.schema : undefined;
  return typeof schema === 'string' ? schema : '';
}

function unknownSchema(schema: string): [LineProblem, string] {
  const known = /^agent-log\/[a-z-]+\/v(\d+)$/.exec(schema);
  if (known) return ['newer-version', `${schema}: written by a newer version of git-agent-log`];
  return ['unknown-schema', schema === '' ? 'no schema' : schema.slice(0, 80)];
}

function badRecord(detail: string): AgentLogError {
  return new AgentLogError('BAD_RECORD', 'bug', `a record does not meet its schema: ${detail}`);
}
