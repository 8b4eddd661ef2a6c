import { describe, expect, test } from 'vitest';
import type { ExecutionRecord } from '../../../lib/core/records/record.ts';
import { otelLine } from '../../../lib/evidence/exports/otel.ts';
import { storedExecution } from '../../support/records.ts';

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: { key: string; value: Record<string, unknown> }[];
  readonly links?: { traceId: string; spanId: string }[];
  readonly status: { code?: number };
}

const AT = '2026-11-22T12:00:00.000Z';
const text = (letter: string): { digest: string; size: number } => ({
  digest: `hmac-sha256:${letter.repeat(64)}`,
  size: 9,
});
const call = (
  fields: Partial<ExecutionRecord['toolCalls'][number]> = {},
): ExecutionRecord['toolCalls'][number] => ({
  id: 'toolu_1',
  name: 'Bash',
  status: 'ok',
  args: text('a'),
  result: null,
  startedAt: '2026-11-22T11:59:58.000Z',
  endedAt: '2026-11-22T11:59:59.500Z',
  ...fields,
});

function spansOf(
  fields: Partial<ExecutionRecord>,
  stored = storedExecution({ recordedAt: AT, ...fields }),
): Span[] {
  const bound = { commit: 'c'.repeat(40), grade: 'exact', sealed: true };
  const { txn } = stored.record;
  const line = otelLine({ stored, bound, version: '0.0.0', txn, prevTxn: txn });
  expect(line).not.toContain('\n');
  const data = JSON.parse(line) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] };
  return data.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

function attributesOf(span: Span | undefined): Record<string, unknown> {
  return Object.fromEntries((span?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]));
}

describe('the spans of a record', () => {
  test('are one of the agent and one per tool call below it, in the trace of the transaction', () => {
    const [agent, ...tools] = spansOf({ toolCalls: [call(), call({ id: 'toolu_2', name: 'Edit' })] });
    expect([agent, ...tools].map((span) => span?.name)).toEqual([
      'invoke_agent test-agent',
      'execute_tool Bash',
      'execute_tool Edit',
    ]);
    for (const tool of tools)
      expect(tool).toMatchObject({ traceId: agent?.traceId, parentSpanId: agent?.spanId });
    expect(agent?.traceId).toMatch(/^(?!0+$)[0-9a-f]{32}$/);
    for (const { spanId, kind } of tools) {
      expect(spanId).toMatch(/^(?!0+$)[0-9a-f]{16}$/);
      expect(kind).toBe(1);
    }
  });

  test('have ids that come from the record: stable, and apart even for calls of one id', () => {
    const stored = storedExecution({ toolCalls: [call(), call()] });
    expect(spansOf({}, stored)).toEqual(spansOf({}, stored));
    expect(new Set(spansOf({}, stored).map(({ spanId }) => spanId)).size).toBe(3);
  });

  test('follow the record before them in the transaction', () => {
    const first = storedExecution({ recordedAt: AT });
    const second = storedExecution({ txn: first.record.txn, seq: 2, prev: first.digest });
    const [before] = spansOf({}, first);
    expect(before?.links).toBeUndefined();
    expect(spansOf({}, second)[0]?.links).toEqual([{ traceId: before?.traceId, spanId: before?.spanId }]);
  });

  test('begin with the first thing seen, and never end before they begin', () => {
    const prompts = [{ ...text('b'), at: '2026-11-22T11:58:00.000Z' }];
    const odd = call({ startedAt: '2026-11-22T12:00:05.000Z', endedAt: AT });
    const open = call({ startedAt: undefined, endedAt: null } as never);
    const spans = spansOf({ prompts, toolCalls: [call(), odd, open] });
    expect(spans[0]?.startTimeUnixNano).toBe(`${Date.parse('2026-11-22T11:58:00.000Z')}000000`);
    expect(spans[0]?.endTimeUnixNano).toBe(`${Date.parse(AT)}000000`);
    for (const span of spans)
      expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano));
    expect(spans.map((span) => attributesOf(span)['agent_log.tool.time_assumed'])).toEqual([
      undefined,
      undefined,
      undefined,
      true,
    ]);
  });
});

test('attributes have the names of the GenAI conventions', () => {
  const [agent, tool] = spansOf({
    agent: { name: 'claude-code', version: '2.1', sessionId: 's-1', chain: [] },
    model: { provider: 'anthropic', name: 'm-1' },
    usage: { inputTokens: 10, outputTokens: 2, cacheReadInputTokens: 100, cacheCreationInputTokens: 5 },
    task: { ...text('c'), ref: null, source: 'prompt' },
    toolCalls: [call({ status: 'error', agentId: 'sub-1' })],
  });
  expect(attributesOf(agent)).toMatchObject({
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.provider.name': 'anthropic',
    'gen_ai.agent.name': 'claude-code',
    'gen_ai.agent.version': '2.1',
    'gen_ai.conversation.id': 's-1',
    'gen_ai.request.model': 'm-1',
    'gen_ai.usage.input_tokens': '115',
    'gen_ai.usage.output_tokens': '2',
    'gen_ai.usage.cache_read.input_tokens': '100',
    'gen_ai.usage.cache_creation.input_tokens': '5',
    'vcs.ref.head.revision': 'c'.repeat(40),
    'agent_log.task.digest': `hmac-sha256:${'c'.repeat(64)}`,
    'agent_log.binding.sealed': true,
  });
  expect(attributesOf(tool)).toMatchObject({
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'Bash',
    'gen_ai.tool.call.id': 'toolu_1',
    'gen_ai.agent.id': 'sub-1',
    'error.type': '_OTHER',
  });
  expect(tool?.status).toEqual({ code: 2 });
});

test('input tokens of a provider that counts cached ones within are not counted twice', () => {
  const usage = { inputTokens: 110, outputTokens: 2, cacheReadInputTokens: 100 };
  const [agent] = spansOf({ model: { provider: 'openai', name: 'm' }, usage });
  expect(attributesOf(agent)['gen_ai.usage.input_tokens']).toBe('110');
});

test('what nobody knows is left out, and a provider is said to be unknown', () => {
  const values = attributesOf(spansOf({ sponsor: null, model: { provider: null, name: null } })[0]);
  expect(values['gen_ai.provider.name']).toBe('unknown');
  for (const key of ['gen_ai.request.model', 'gen_ai.usage.input_tokens', 'agent_log.sponsor.name'])
    expect(values).not.toHaveProperty([key]);
});
