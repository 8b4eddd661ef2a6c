import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import {
  type Caller,
  callsOf,
  DEFAULT_TOKENS,
  type Protocol,
  type RecordedRequest,
  type ScriptedServer,
  type ScriptOptions,
  type Step,
  sendEvents,
  sendJson,
  startScriptedServer,
} from './scripted.ts';

/** The part of a request that decides the answer. */
interface ChatBody {
  model?: string;
  stream?: boolean;
  tools?: unknown[];
  messages?: { role?: string; content?: unknown }[];
}

export interface ChatServerOptions extends ScriptOptions {
  /** True for a request of an agent the session started: nothing in the protocol says so, clients differ. */
  isSubagent?: (request: RecordedRequest) => boolean;
}

/** The Chat Completions API: `/chat/completions` under any prefix, streamed or whole. */
export function startChatServer(
  script: readonly Step[],
  options: ChatServerOptions = {},
): Promise<ScriptedServer> {
  const protocol: Protocol = {
    callerOf: (request) => callerOf(request, options),
    answer,
    other: answerOther,
    filler: { text: 'ok' },
  };
  return startScriptedServer(protocol, script, options);
}

/** Only a loop that can act offers tools; a title or a summary is asked for without any. */
function callerOf(request: RecordedRequest, { isSubagent }: ChatServerOptions): Caller | null {
  if (!request.path.endsWith('/chat/completions')) return null;
  if (((request.body as ChatBody).tools ?? []).length === 0) return 'side';
  return isSubagent?.(request) === true ? 'subagent' : 'main';
}

function answerOther(request: RecordedRequest, response: ServerResponse): boolean {
  if (!request.path.endsWith('/models')) return false;
  sendJson(response, { object: 'list', data: [] });
  return true;
}

function answer(request: RecordedRequest, response: ServerResponse, step: Step): void {
  const { model = 'unknown', stream } = request.body as ChatBody;
  const common = { id: `chatcmpl-${name(20)}`, created: Math.floor(Date.now() / 1000), model };
  const tool_calls = callsOf(step).map(({ tool, input }, index) => ({
    index,
    id: `call_${name(24)}`,
    type: 'function',
    function: { name: tool, arguments: JSON.stringify(input) },
  }));
  const message = {
    role: 'assistant',
    content: step.text ?? null,
    ...(tool_calls.length === 0 ? {} : { tool_calls }),
  };
  const finish_reason = tool_calls.length === 0 ? 'stop' : 'tool_calls';
  const usage = usageOf(step);
  if (stream !== true) {
    const choices = [{ index: 0, message, finish_reason, logprobs: null }];
    sendJson(response, { ...common, object: 'chat.completion', choices, usage });
    return;
  }
  const chunk = (choices: object[], more: object = {}): object => ({
    ...common,
    object: 'chat.completion.chunk',
    choices,
    ...more,
  });
  const events = [
    chunk([{ index: 0, delta: message, finish_reason: null }]),
    chunk([{ index: 0, delta: {}, finish_reason }]),
    chunk([], { usage }),
  ];
  sendEvents(response, events, '[DONE]');
}

function usageOf(step: Step): object {
  const { input, output, cached } = { ...DEFAULT_TOKENS, ...step.usage };
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: 0 },
  };
}

/** Ids must differ between servers too: a resumed session meets the ids of the server it talked to before. */
function name(length: number): string {
  return randomBytes(length).toString('base64url').replaceAll(/[-_]/g, 'x').slice(0, length);
}
