import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** One tool the model asks the client to run. */
export interface Call {
  tool: string;
  input: Record<string, unknown>;
}

/** Token counts, whatever the protocol calls them. */
export interface Tokens {
  input: number;
  output: number;
  cached: number;
}

/** The model asks for one tool, or for several at once, with or without a sentence before. */
export type ToolStep = (Call | { calls: readonly Call[] }) & { text?: string; usage?: Partial<Tokens> };

/** The model only talks, which ends the turn. */
export interface TextStep {
  text: string;
  usage?: Partial<Tokens>;
}

export type Step = ToolStep | TextStep;

/** Who asked: the session's own loop, an agent it started, or the client itself (a title, a summary). */
export type Caller = 'main' | 'subagent' | 'side';

export interface RecordedRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: unknown;
  /** Only where a model was asked. */
  caller?: Caller;
  /** Index of the step this request was answered with; absent when it was answered with filler. */
  step?: number;
}

/** How one model API is told apart and answered. */
export interface Protocol {
  /** Null for a request that asks no model. */
  readonly callerOf: (request: RecordedRequest) => Caller | null;
  readonly answer: (request: RecordedRequest, response: ServerResponse, step: Step) => void;
  /** Any other request; gives false for a path the API does not have. */
  readonly other?: (request: RecordedRequest, response: ServerResponse) => boolean;
  /** What the client gets when it asks for something the script does not tell of. */
  readonly filler: TextStep;
}

export interface ScriptOptions {
  /** What the agents the session starts are answered with, all of them from one list, in order of arrival. */
  subagentScript?: readonly Step[];
}

export interface ScriptedServer {
  url: string;
  requests: readonly RecordedRequest[];
  /** Steps of the main script nobody has asked for yet. */
  remaining(): number;
  close(): Promise<void>;
}

export const DEFAULT_TOKENS: Tokens = { input: 100, output: 10, cached: 30 };

export function callsOf(step: Step): readonly Call[] {
  if ('calls' in step) return step.calls;
  return 'tool' in step ? [{ tool: step.tool, input: step.input }] : [];
}

/** A model API on loopback that says what the script says, so that a real client can be run without a model. */
export async function startScriptedServer(
  protocol: Protocol,
  script: readonly Step[],
  options: ScriptOptions = {},
): Promise<ScriptedServer> {
  const queues = { main: [...script], subagent: [...(options.subagentScript ?? [])] };
  const requests: RecordedRequest[] = [];
  const server = createServer((incoming, response) => {
    readBody(incoming).then(
      (body) => {
        const request = recordOf(incoming, body);
        requests.push(request);
        respond(request, response);
      },
      () => response.destroy(),
    );
  });
  const respond = (request: RecordedRequest, response: ServerResponse): void => {
    const caller = protocol.callerOf(request);
    if (caller === null) {
      if (protocol.other?.(request, response) !== true)
        sendJson(response, { error: { message: `no such path here: ${request.path}` } }, 404);
      return;
    }
    request.caller = caller;
    const step = caller === 'side' ? undefined : queues[caller].shift();
    if (step !== undefined) request.step = requests.filter((one) => one.caller === caller).length - 1;
    protocol.answer(request, response, step ?? protocol.filler);
  };
  await listen(server);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    remaining: () => queues.main.length,
    close: () => close(server),
  };
}

export function sendJson(response: ServerResponse, body: object, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** Sends each value as a server-sent event, and what ends the stream where the protocol has such a thing. */
export function sendEvents(response: ServerResponse, events: readonly object[], end?: string): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events) response.write(`data: ${JSON.stringify(event)}\n\n`);
  response.end(end === undefined ? undefined : `data: ${end}\n\n`);
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

function recordOf(request: IncomingMessage, body: unknown): RecordedRequest {
  return {
    method: request.method ?? '',
    path: (request.url ?? '').split('?', 1)[0] ?? '',
    headers: request.headers,
    body,
  };
}
