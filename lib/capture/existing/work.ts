import { createHash } from 'node:crypto';
import type {
  Agent,
  CaptureSource,
  ChangedFile,
  ExecutionRecord,
  LineCounts,
  Model,
  Sponsor,
  Task,
} from '../../core/generated/execution-v1.types.ts';
import { newUlid } from '../../core/ulid.ts';

/** An agent's work for a commit that was there already, as somebody or some tool's file tells it. */
export interface ExistingWork {
  /** Full id of the commit. */
  readonly commit: string;
  readonly txn: string;
  /** `asserted`: a person says so. `imported`: another tool's file says so. */
  readonly assurance: 'asserted' | 'imported';
  /** One record is written per commit and source, however often it is asked for. */
  readonly source: CaptureSource;
  readonly agent: Agent;
  readonly model: Model;
  readonly sponsor: Sponsor | null;
  readonly task: Task | null;
  /** Whose content each file is, where that was told. Everything else is `unseen`. */
  readonly by?: ReadonlyMap<string, ChangedFile['by']>;
  /** Lines of files, where the source counts them. */
  readonly lines?: ReadonlyMap<string, LineCounts>;
  readonly details?: Partial<
    Pick<ExecutionRecord, 'prompts' | 'context' | 'toolCalls' | 'reason' | 'usage' | 'redactions'>
  >;
  readonly gaps: readonly string[];
}

export interface ExistingOptions {
  readonly via: 'adopt' | 'import';
  /** Who signs the ledger's commit (see committerLine). */
  readonly identity: string;
  readonly now: number;
  /** Milliseconds the append may wait for other writers. */
  readonly patience?: number;
  /** Leave commits alone that have any record at all. */
  readonly skipRecorded?: boolean;
}

const LATEST_TIME = 2 ** 48 - 1;

/**
 * The id of the transaction a source's unit of work is: the same wherever and whenever it is worked out, so that two
 * clones which adopt or import the same work agree. `startedAt` is when the work began, in milliseconds since 1970.
 */
export function txnOfSource(source: CaptureSource, startedAt: number): string {
  const hash = createHash('sha256').update(`agent-log:txn\0${source.format}\0${source.unit}`).digest();
  const time = Math.min(Math.max(Number.isFinite(startedAt) ? startedAt : 0, 0), LATEST_TIME);
  return newUlid(time, (size) => hash.subarray(0, size));
}
