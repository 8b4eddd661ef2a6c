import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import {
  type Call,
  type Caller,
  callsOf,
  DEFAULT_TOKENS,
  type Protocol,
  type RecordedRequest,
  type ScriptedServer,
  type ScriptOptions,
  type Step,
  startScriptedServer,
} from './scripted.ts';

/** The part of a request that decides the answer. */
interface ResponsesBody {
  tools?: Tool[];
  input?: { type?: string; tools?: Tool[] }[];
}

interface Tool {
  type?: string;
  name?: string;
  tools?: Tool[];
}

/** The Responses API, streamed: what Codex speaks. A freeform tool is called with `{ input: <its text> }`. */
export function startResponsesServer(
  script: readonly Step[],
  options: ScriptOptions = {},
): Promise<ScriptedServer> {
  const protocol: Protocol = { callerOf, answer, filler: { text: 'ok' } };
  return startScriptedServer(protocol, script, options);
}

/** Codex names the sub-agent in a header of its own. */
function callerOf({ path, headers }: RecordedRequest): Caller | null {
  if (!path.endsWith('/responses')) return null;
  return headers['x-openai-subagent'] === undefined ? 'main' : 'subagent';
}

function answer(request: RecordedRequest, response: ServerResponse, step: Step): void {
  const id = `resp_${name(24)}`;
  const freeform = freeformTools(request.body as ResponsesBody);
  const said =
    step.text === undefined
      ? []
      : [
          {
            type: 'message',
            id: `msg_${name(24)}`,
            role: 'assistant',
            content: [{ type: 'output_text', text: step.text }],
          },
        ];
  const items = [...said, ...callsOf(step).map((call) => callItem(call, freeform))];
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (type: string, data: object): boolean =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  send('response.created', { response: { id } });
  items.forEach((item, output_index) => {
    send('response.output_item.added', { output_index, item });
    send('response.output_item.done', { output_index, item });
  });
  send('response.completed', { response: { id, usage: usageOf(step) } });
  response.end();
}

/** `<namespace>.<tool>` names a tool in a namespace. */
function callItem({ tool, input }: Call, freeform: ReadonlySet<string>): object {
  const call_id = `call_${name(24)}`;
  if (freeform.has(tool))
    return { type: 'custom_tool_call', id: `ctc_${name(24)}`, call_id, name: tool, input: input['input'] };
  const [last = tool, namespace] = tool.split('.').reverse();
  return {
    type: 'function_call',
    id: `fc_${name(24)}`,
    call_id,
    name: last,
    ...(namespace === undefined ? {} : { namespace }),
    arguments: JSON.stringify(input),
  };
}

/** Tools that take plain text; in "code mode" they are not among the request's tools but in an item of its input. */
function freeformTools({ tools = [], input = [] }: ResponsesBody): ReadonlySet<string> {
  const offered = [...tools, ...input.flatMap((item) => item.tools ?? [])];
  const all = offered.flatMap((tool) => [tool, ...(tool.tools ?? [])]);
  return new Set(all.flatMap((tool) => (tool.type === 'custom' ? [tool.name ?? ''] : [])));
}

function usageOf(step: Step): object {
  const { input, output, cached } = { ...DEFAULT_TOKENS, ...step.usage };
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + output,
  };
}

/** Ids must differ between servers too: a resumed session meets the ids of the server it talked to before. */
function name(length: number): string {
  return randomBytes(length).toString('hex').slice(0, length);
}
