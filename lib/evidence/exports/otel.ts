import { createHash } from 'node:crypto';
import type { ExecutionRecord, StoredRecord } from '../../core/records/record.ts';

/** What the spans of one record are made of. */
export interface SpanSource {
  readonly stored: StoredRecord<ExecutionRecord>;
  /** The commit the ledger binds it to; null when it binds it to none. */
  readonly bound: { readonly commit: string; readonly grade: string; readonly sealed: boolean } | null;
  /** Version of the program that exports. */
  readonly version: string;
  /** The transaction a record belongs to now, and the one before it. */
  readonly txn: string;
  readonly prevTxn: string;
}

/**
 * One record as OTLP/JSON on one line (a TracesData, as OpenTelemetry's file exporter writes them): a span of the agent's
 * work and one per tool call, with attributes of the GenAI semantic conventions. A transaction is a trace; ids come from
 * the records, so that a second export makes the same spans. Records know no single model calls, so there are no `chat`
 * spans. Prompts, arguments and results are there by digest alone.
 */
export function otelLine(source: SpanSource): string {
  const { stored, version } = source;
  const { agent } = stored.record;
  return JSON.stringify({
    resourceSpans: [
      {
        resource: {
          attributes: attributes({ 'service.name': agent.name, 'service.version': agent.version }),
        },
        scopeSpans: [
          {
            scope: { name: 'git-agent-log', version },
            spans: [agentSpan(source), ...stored.record.toolCalls.map((_, i) => toolSpan(source, i))],
          },
        ],
      },
    ],
  });
}

const INTERNAL = 1;
const ERROR = 2;

function agentSpan({ stored, bound, txn, prevTxn }: SpanSource): object {
  const { record, digest } = stored;
  const { agent, model, sponsor, task, reason, usage } = record;
  const name = `invoke_agent ${agent.name}`;
  const times = [
    record.recordedAt,
    ...record.prompts.map(({ at }) => at),
    ...record.toolCalls.flatMap(startOf),
  ];
  return {
    traceId: traceId(txn),
    spanId: spanId(digest),
    name,
    kind: INTERNAL,
    startTimeUnixNano: nano(earliest(times)),
    endTimeUnixNano: nano(record.recordedAt),
    attributes: attributes({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.provider.name': providerName(model.provider),
      'gen_ai.agent.name': agent.name,
      'gen_ai.agent.version': agent.version,
      'gen_ai.conversation.id': agent.sessionId,
      'gen_ai.request.model': model.name,
      ...usageAttributes(model.provider, usage),
      'vcs.ref.head.revision': bound?.commit ?? null,
      'vcs.ref.head.name': record.base.branch,
      'agent_log.txn': txn,
      'agent_log.seq': record.seq,
      'agent_log.record': digest,
      'agent_log.binding.grade': bound?.grade ?? null,
      'agent_log.binding.sealed': bound?.sealed ?? null,
      'agent_log.assurance': record.capture.assurance ?? null,
      'agent_log.sponsor.name': sponsor?.name ?? null,
      'agent_log.sponsor.email': sponsor?.email ?? null,
      'agent_log.sponsor.source': sponsor?.source ?? null,
      'agent_log.task.digest': task?.digest ?? null,
      'agent_log.task.ref': task?.ref ?? null,
      'agent_log.reason.digest': reason?.digest ?? null,
      'agent_log.files': record.files.length,
      'agent_log.gaps': record.capture.gaps.length,
    }),
    // The record before in the transaction: its work came first, but did not cause this one's.
    ...(record.prev === null ? {} : { links: [{ traceId: traceId(prevTxn), spanId: spanId(record.prev) }] }),
    status: {},
  };
}

function toolSpan({ stored: { record, digest }, txn }: SpanSource, index: number): object {
  const call = record.toolCalls[index] as ExecutionRecord['toolCalls'][number];
  const start = call.startedAt ?? call.endedAt ?? record.recordedAt;
  const end = call.endedAt ?? record.recordedAt;
  return {
    traceId: traceId(txn),
    // By position too: an agent may give two calls one id.
    spanId: spanId(`${digest} ${index} ${call.id}`),
    parentSpanId: spanId(digest),
    name: `execute_tool ${call.name}`,
    kind: INTERNAL,
    startTimeUnixNano: nano(start),
    endTimeUnixNano: nano(end < start ? start : end),
    attributes: attributes({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': call.name,
      'gen_ai.tool.call.id': call.id,
      'gen_ai.agent.id': call.agentId ?? null,
      'agent_log.tool.status': call.status,
      'agent_log.tool.arguments.digest': call.args?.digest ?? null,
      'agent_log.tool.result.digest': call.result?.digest ?? null,
      // Seen at one end only, or at none: the span is as long as it can have been.
      'agent_log.tool.time_assumed': call.startedAt === undefined || call.endedAt === null ? true : null,
      'error.type': call.status === 'error' ? '_OTHER' : null,
    }),
    status: call.status === 'error' ? { code: ERROR } : {},
  };
}

/** Names of the GenAI registry where it has one; what nobody reported is said to be unknown, for the name is required. */
function providerName(provider: string | null): string {
  return provider === 'google' ? 'gcp.gen_ai' : (provider ?? 'unknown');
}

function usageAttributes(
  provider: string | null,
  usage: ExecutionRecord['usage'],
): Readonly<Record<string, number | null>> {
  if (usage === null) return {};
  const { inputTokens, outputTokens, cacheReadInputTokens = null, cacheCreationInputTokens = null } = usage;
  // The convention's input tokens include cached ones. Anthropic counts those apart, others do not.
  const cached = provider === 'anthropic' ? (cacheReadInputTokens ?? 0) + (cacheCreationInputTokens ?? 0) : 0;
  return {
    'gen_ai.usage.input_tokens': inputTokens + cached,
    'gen_ai.usage.output_tokens': outputTokens,
    'gen_ai.usage.cache_read.input_tokens': cacheReadInputTokens,
    'gen_ai.usage.cache_creation.input_tokens': cacheCreationInputTokens,
  };
}

type Value = string | number | boolean | null;

/** OTLP's list of keys and values; what is null is not there. */
function attributes(values: Readonly<Record<string, Value>>): { key: string; value: object }[] {
  return Object.entries(values).flatMap(([key, value]) =>
    value === null ? [] : [{ key, value: anyValue(value) }],
  );
}

/** 64-bit integers are strings in JSON. */
function anyValue(value: string | number | boolean): object {
  if (typeof value === 'string') return { stringValue: value };
  return typeof value === 'number' ? { intValue: String(value) } : { boolValue: value };
}

function startOf({ startedAt, endedAt }: ExecutionRecord['toolCalls'][number]): string[] {
  const time = startedAt ?? endedAt;
  return time === null ? [] : [time];
}

function earliest(times: readonly string[]): string {
  return times.reduce((first, time) => (Date.parse(time) < Date.parse(first) ? time : first));
}

function nano(time: string): string {
  return String(BigInt(Date.parse(time)) * 1_000_000n);
}

function traceId(txn: string): string {
  return hash(`trace ${txn}`).slice(0, 32);
}

function spanId(name: string): string {
  return hash(`span ${name}`).slice(0, 16);
}

function hash(text: string): string {
  return createHash('sha256').update(`agent-log ${text}`).digest('hex');
}
