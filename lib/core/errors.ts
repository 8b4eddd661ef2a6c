/** What went wrong, as a closed list: scripts and tests match on these, never on the message. */
export type ErrorCode =
  | 'NOT_A_REPOSITORY'
  | 'NOT_FOUND'
  | 'AMBIGUOUS'
  | 'BAD_ARGUMENT'
  | 'BAD_RECORD'
  | 'NEWER_RECORD'
  | 'BAD_PAYLOAD'
  | 'NO_KEY'
  | 'BAD_RECIPIENT'
  | 'BAD_ROSTER'
  | 'NO_POLICY'
  | 'BAD_POLICY'
  | 'KEY_STORE_FAILED'
  | 'NOT_APPENDED'
  | 'NOT_PUSHED'
  | 'NO_REMOTE'
  | 'UNREACHABLE'
  | 'LEDGER_DAMAGED'
  | 'BAD_BUNDLE'
  | 'BAD_TRUST'
  | 'NOT_VERIFIED'
  | 'LOCKED'
  | 'GIT_FAILED'
  | 'GIT_TOO_OLD'
  | 'IO_FAILED'
  | 'REFUSED_BY_HOOK'
  | 'WORKTREE_IN_THE_WAY'
  | 'HEAD_MOVED'
  | 'NOT_SIGNED'
  | 'NOT_A_PERSON'
  | 'STEP_REFUSED'
  | 'IN_PROGRESS'
  | 'NOT_IN_PROGRESS'
  | 'UNRESOLVED'
  | 'NOT_CLEAN'
  | 'OUT_OF_TIME'
  | 'SHALLOW'
  | 'UNRELATED'
  | 'SAGA_OPEN'
  | 'NO_SAGA'
  | 'NO_OPEN_TXN'
  | 'TXN_OPEN';

/** Who has to act: decides the exit code (see exitCodeOf). */
export type ErrorKind = 'answer' | 'usage' | 'integrity' | 'system' | 'bug';

export interface ErrorDetails {
  readonly hints?: readonly string[];
  /** What the message sums up, each shown on a line of its own. */
  readonly mistakes?: readonly string[];
  readonly cause?: unknown;
}

/** The one error class of the project. Anything else that reaches the printer is a bug of ours. */
export class AgentLogError extends Error {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly hints: readonly string[];
  /** The message without the mistakes it ends with. */
  readonly summary: string;
  readonly mistakes: readonly string[];

  constructor(code: ErrorCode, kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    const mistakes = details.mistakes ?? [];
    super(
      mistakes.length === 0 ? message : `${message}: ${mistakes.join('; ')}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.name = 'AgentLogError';
    this.code = code;
    this.kind = kind;
    this.hints = details.hints ?? [];
    this.summary = message;
    this.mistakes = mistakes;
  }
}

/** Exit codes of the contract: 1 a considered no, 2 usage, 3 integrity, 128 git or the system, 255 our bug. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof AgentLogError)) return 255;
  switch (error.kind) {
    case 'answer':
      return 1;
    case 'usage':
      return 2;
    case 'integrity':
      return 3;
    case 'system':
      return 128;
    case 'bug':
      return 255;
  }
}

/** Text of anything thrown, without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
