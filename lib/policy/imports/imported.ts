import { AgentLogError } from '../../core/errors.ts';
import type { ApprovalRecord, DecisionRecord } from '../../core/records/record.ts';

type Host = NonNullable<ApprovalRecord['imported']>;

/** One result of another tool, as a decision record has it. What only we know (ids, subject, our time) is for the caller to add. */
export interface Imported
  extends Pick<DecisionRecord, 'rule' | 'severity' | 'enforce' | 'result' | 'message' | 'source'> {
  /** The commit the tool says it looked at; not there where the format names none. To be compared, never to be believed. */
  readonly commit?: string;
}

/** A person's yes, by the host's word. */
export interface ImportedApproval {
  readonly imported: Host;
  /** As the host spells it. */
  readonly name: string | null;
  readonly note: string | null;
  /** The commit that was approved; not there where the host does not say. */
  readonly commit?: string;
}

export interface ImportedResults {
  readonly results: readonly Imported[];
  readonly approvals: readonly ImportedApproval[];
  readonly tool: string;
  readonly version: string | null;
  /** What a person should know of how it was read. */
  readonly notes: readonly string[];
}

/** A result before it is cut to what a record can hold. */
export interface Finding {
  readonly rule: string | null;
  readonly result: Imported['result'];
  readonly message?: string | null;
  /** Not there: medium. */
  readonly severity?: Imported['severity'] | undefined;
  /** Not there: deny, and warn for a result of warn. */
  readonly enforce?: Imported['enforce'] | undefined;
  readonly tool?: string | null;
  readonly version?: string | null;
  readonly at?: string | null;
  readonly ref?: string | null;
  readonly commit?: string | undefined;
}

export interface Approval {
  readonly account: string;
  readonly name: string | null;
  readonly at: string | null;
  readonly commit?: string | undefined;
}

/** What a reader makes of a file. */
export interface Report {
  readonly tool: string;
  readonly version?: string | null;
  readonly findings: readonly Finding[];
  readonly approvals?: readonly Approval[];
  readonly notes?: readonly string[];
}

/** Why a file can't be read as what it was said to be. */
export function refused(why: string, cause?: unknown): AgentLogError {
  return new AgentLogError('BAD_ARGUMENT', 'usage', `the results can't be imported: ${why}`, {
    hints: ['write the file again with the tool itself, and name the format it is in'],
    cause,
  });
}

/** Something a tool should have said and did not: it denies, as nothing shows that all was looked at. */
export function incomplete(rule: string | null, message: string, more: Partial<Finding> = {}): Finding {
  return { rule, result: 'error', severity: 'high', message, ...more };
}
