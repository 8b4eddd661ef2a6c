import { randomBytes } from 'node:crypto';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** Token counts as the Messages API names them. */
export interface Usage {
  input_tokens: number;
  output_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
}

/** The model asks the client to run a tool, with or without a sentence before the call. */
export interface ToolStep {
  tool: string;
  input: Record<string, unknown>;
  text?: string;
  usage?: Partial<Usage>;
}

/** The model only talks, which ends the turn. */
export interface TextStep {
  text: string;
  usage?: Partial<Usage>;
}

export type Step = ToolStep | TextStep;

/** Who asked: the session's own loop, an agent it started, or the client itself (a title, a summary, a page fetched). */
export type Caller = 'main' | 'subagent' | 'side';

export interface RecordedRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: unknown;
  /** Only for `/v1/messages`. */
  caller?: Caller;
  /** Index of the step this request was answered with; absent when it was answered with filler. */
  step?: number;
}

export interface ModelServerOptions {
  /** What the agents the session starts are answered with, all of them from one list, in order of arrival. */
  subagentScript?: readonly Step[];
}

export interface ModelServer {
  url: string;
  requests: readonly RecordedRequest[];
  /** Steps of the main script nobody has asked for yet. */
  remaining(): number;
  close(): Promise<void>;
}

/** The part of a request that decides the answer. */
interface MessagesBody {
  model?: string;
  stream?: boolean;
  tools?: unknown[];
  messages?: unknown[];
}

/** An answer of the model before it is put on the wire, in either of the two forms the API has. */
interface Message {
  id: string;
  type: 'message';
  role: 'assistant';
  model: string;
  content: ContentBlock[];
  stop_reason: 'tool_use' | 'end_turn';
  stop_sequence: null;
  usage: Usage;
}

type ContentBlock =
  | { type: 'text'; text: string }
  | { type: 'tool_use'; id: string; name: string; input: Record<string, unknown> };

/** One list of steps and how far the client has come in it. */
interface Script {
  steps: readonly Step[];
  next: number;
}

type Scripts = Record<'main' | 'subagent', Script>;

const FALLBACK_MODEL = 'claude-sonnet-4-5-20250929';
const DEFAULT_USAGE: Usage = {
  input_tokens: 100,
  output_tokens: 10,
  cache_creation_input_tokens: 20,
  cache_read_input_tokens: 30,
};
/** What a side request gets. In these tags, because a compaction asks again when it does not find them. */
const FILLER: TextStep = { text: '<summary>ok</summary>' };
/** How a compaction ends its request; it offers the tools of the main loop all the same, to hit the same cache. */
const COMPACTION = 'an <analysis> block followed by a <summary> block';

/** A Messages API on loopback that says what the script says, so that a real client can be run without a model. */
export async function startModelServer(
  script: readonly Step[],
  options: ModelServerOptions = {},
): Promise<ModelServer> {
  const scripts: Scripts = {
    main: { steps: script, next: 0 },
    subagent: { steps: options.subagentScript ?? [], next: 0 },
  };
  const requests: RecordedRequest[] = [];
  const server = createServer((request, response) => {
    readBody(request).then(
      (body) => {
        const recorded = record(request, body);
        requests.push(recorded);
        answer(recorded, response, scripts);
      },
      () => response.destroy(),
    );
  });
  await listen(server);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    remaining: () => scripts.main.steps.length - scripts.main.next,
    close: () => close(server),
  };
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
}

/** The client keeps its connections open, so a plain close() would wait for it to go away. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function record(request: IncomingMessage, body: unknown): RecordedRequest {
  return {
    method: request.method ?? '',
    path: (request.url ?? '').split('?', 1)[0] ?? '',
    headers: request.headers,
    body,
  };
}

function answer(request: RecordedRequest, response: ServerResponse, scripts: Scripts): void {
  if (request.path === '/v1/messages') answerMessages(request, response, scripts);
  else if (request.path === '/v1/messages/count_tokens')
    sendJson(response, { input_tokens: DEFAULT_USAGE.input_tokens });
  else if (request.path === '/api/hello') sendJson(response, { message: 'hello' });
  else sendJson(response, notFound(request.path), 404);
}

/** Writes into the recorded request whom it took the caller for and which step it answered with. */
function answerMessages(request: RecordedRequest, response: ServerResponse, scripts: Scripts): void {
  const body = request.body as MessagesBody;
  request.caller = callerOf(request.headers, body);
  const taken = request.caller === 'side' ? undefined : takeStep(scripts[request.caller], request.headers);
  if (taken !== undefined) request.step = taken.index;
  const message = toMessage(taken?.step ?? FILLER, body.model ?? FALLBACK_MODEL);
  if (body.stream === true) sendEvents(response, message);
  else sendJson(response, message);
}

/**
 * Only a loop that can act offers tools; a title, a prompt hook or a digest of a fetched page is asked for without any.
 * An agent's loop looks like the main one except for the header with its id.
 */
function callerOf(headers: IncomingHttpHeaders, body: MessagesBody): Caller {
  if ((body.tools ?? []).length === 0 || isCompaction(body)) return 'side';
  return headers['x-claude-code-agent-id'] === undefined ? 'main' : 'subagent';
}

function isCompaction(body: MessagesBody): boolean {
  return JSON.stringify(body.messages?.at(-1) ?? null).includes(COMPACTION);
}

/** A request the client repeats (its connection broke) asks for the answer it did not get, not for the next one. */
function takeStep(script: Script, headers: IncomingHttpHeaders): { index: number; step: Step } | undefined {
  const repeated = Number(headers['x-stainless-retry-count'] ?? 0) > 0 && script.next > 0;
  const index = repeated ? script.next - 1 : script.next;
  const step = script.steps[index];
  if (step === undefined) return undefined;
  script.next = index + 1;
  return { index, step };
}

function toMessage(step: Step, model: string): Message {
  return {
    id: `msg_01${randomName(22)}`,
    type: 'message',
    role: 'assistant',
    model,
    content: toContent(step),
    stop_reason: 'tool' in step ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: { ...DEFAULT_USAGE, ...step.usage },
  };
}

function toContent(step: Step): ContentBlock[] {
  const text: ContentBlock[] = step.text === undefined ? [] : [{ type: 'text', text: step.text }];
  if (!('tool' in step)) return text;
  return [...text, { type: 'tool_use', id: `toolu_01${randomName(22)}`, name: step.tool, input: step.input }];
}

/** Ids must differ between servers too: a resumed session meets the ids of the server it talked to before. */
function randomName(length: number): string {
  const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789';
  return Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length]).join('');
}

/** The stream the API sends: input usage with the first event, output usage with the last but one. */
function sendEvents(response: ServerResponse, message: Message): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': requestId() });
  const send = (type: string, data: object): boolean =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  const { stop_reason, stop_sequence, usage } = message;
  send('message_start', {
    message: { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } },
  });
  message.content.forEach((block, index) => {
    send('content_block_start', { index, content_block: emptyBlock(block) });
    send('content_block_delta', { index, delta: wholeBlock(block) });
    send('content_block_stop', { index });
  });
  send('message_delta', { delta: { stop_reason, stop_sequence }, usage });
  send('message_stop', {});
  response.end();
}

function emptyBlock(block: ContentBlock): ContentBlock {
  return block.type === 'text' ? { ...block, text: '' } : { ...block, input: {} };
}

function wholeBlock(block: ContentBlock): object {
  if (block.type === 'text') return { type: 'text_delta', text: block.text };
  return { type: 'input_json_delta', partial_json: JSON.stringify(block.input) };
}

function sendJson(response: ServerResponse, body: object, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': requestId() });
  response.end(JSON.stringify(body));
}

function notFound(path: string): object {
  return { type: 'error', error: { type: 'not_found_error', message: `no such path here: ${path}` } };
}

function requestId(): string {
  return `req_011${randomName(21)}`;
}
