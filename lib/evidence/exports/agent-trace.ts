import { createHash } from 'node:crypto';
import type { Binding } from '../../core/records/binding.ts';
import type { ExecutionRecord, StoredRecord } from '../../core/records/record.ts';
import type { AddedLines } from '../../git/diffs/added-lines.ts';

/** What one trace record is made of: a commit, the record shown to be its own, and the lines it adds. */
export interface TracedCommit {
  readonly commit: string;
  readonly binding: Binding;
  readonly sealed: boolean;
  readonly record: StoredRecord<ExecutionRecord>;
  /** The transaction the record belongs to now. */
  readonly txn: string;
  /** Records a squash took in, besides. */
  readonly squashed: readonly StoredRecord<ExecutionRecord>[];
  readonly files: readonly AddedLines[];
}

export const AGENT_TRACE_TYPE = 'application/vnd.agent-trace.record+json';

/** Major and minor, as its JSON Schema wants them; the prose of the same version writes 0.1.0. */
const VERSION = '0.1';
const VENDOR = 'dev.git-agent-log';
const LONGEST_MODEL = 250;

/**
 * One commit as a trace record of Agent Trace 0.1 (https://agent-trace.dev), on one line. Line ranges are of the commit
 * itself. Texts have no place in it: what was asked and said is there by digest.
 */
export function agentTraceLine(traced: TracedCommit): string {
  const { record, digest } = traced.record;
  return JSON.stringify({
    version: VERSION,
    id: uuidOf(`${traced.commit} ${digest}`),
    timestamp: record.recordedAt,
    vcs: { type: 'git', revision: traced.commit },
    tool: { name: record.agent.name, version: record.agent.version ?? 'unknown' },
    files: traced.files.flatMap((file) => traceFile(traced, file)),
    metadata: { [VENDOR]: vendorData(traced) },
  });
}

type Contributor = 'ai' | 'mixed' | 'unknown';

function traceFile(traced: TracedCommit, file: AddedLines): object[] {
  const type = contributorOf(traced, file);
  if (type === null || (file.added.length === 0 && !file.binary)) return [];
  const model = modelId(traced);
  const related = relatedTo(traced.record.record);
  return [
    {
      path: file.path,
      conversations: [
        {
          contributor: { type, ...(model === null ? {} : { model_id: model }) },
          ranges: file.added.map(({ from, to }) => ({ start_line: from, end_line: to })),
          ...(related.length === 0 ? {} : { related }),
        },
      ],
    },
  ];
}

/**
 * Whose the lines are, as far as the record saw it. A file whose content is no longer what was sealed was changed by
 * somebody after the agent; a file no record lists is not the agent's at all (null).
 */
function contributorOf({ record, squashed }: TracedCommit, file: AddedLines): Contributor | null {
  const seen = [record, ...squashed].flatMap((stored) =>
    stored.record.files.filter(({ path }) => path === file.path),
  );
  if (seen.length === 0) return null;
  const written = seen.map(({ by }) => by);
  if (written.every((by) => by === 'unseen')) return 'unknown';
  const unchanged = seen.some(({ blob }) => blob === file.blob);
  return unchanged && written.every((by) => by === 'agent' || by === 'shell') ? 'ai' : 'mixed';
}

/** `provider/model`, when there was one model. */
function modelId({ record, squashed }: TracedCommit): string | null {
  const ids = new Set(
    [record, ...squashed].map(({ record: { model } }) =>
      model.name === null || model.provider === null ? model.name : `${model.provider}/${model.name}`,
    ),
  );
  const [id = null] = ids;
  return ids.size === 1 && id !== null && id.length <= LONGEST_MODEL ? id : null;
}

function relatedTo({ task }: ExecutionRecord): { type: string; url: string }[] {
  const url = task?.ref ?? '';
  return /^https?:\/\/[^\s"<>\\^`{|}]+$/.test(url) ? [{ type: 'task', url }] : [];
}

function vendorData({ binding, sealed, record: stored, txn, squashed }: TracedCommit): object {
  const { record, digest } = stored;
  return {
    record: digest,
    txn,
    seq: record.seq,
    binding,
    sealed,
    // Null: the recorder was there.
    assurance: record.capture.assurance ?? null,
    session: record.agent.sessionId,
    sponsor:
      record.sponsor === null
        ? null
        : {
            name: record.sponsor.name,
            email: record.sponsor.email,
            source: record.sponsor.source,
            verified: false,
          },
    task: record.task?.digest ?? null,
    reason: record.reason?.digest ?? null,
    squashed: squashed.map((other) => other.digest),
    gaps: record.capture.gaps.length,
  };
}

/** A UUID of version 8 (RFC 9562) made of a digest: the same commit and record always get the same one. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(`agent-trace ${text}`).digest('hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
