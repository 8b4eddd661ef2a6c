import { blobId } from '../../core/digest.ts';
import type { AdapterContext, AgentAdapter, AgentEvent, CallEnd, EventKind } from './events.ts';
import { asText, defined, label, objectField, objectsIn, type Payload, textField } from './payload.ts';
import { fileRead, urlRead } from './retrieved.ts';

/**
 * Amp, through a plugin of ours that hands its events on: the fields of `amp.on(…)`, with `amp_event` for the event's name
 * and `thread_id` for its thread.
 */
export const amp: AgentAdapter = {
  name: 'amp',
  provider: null,
  provides: {
    title: 'Amp',
    ranWith: null,
    prompts: 'hooks',
    model: 'none',
    usage: 'none',
    callIds: 'hooks',
    subagents: 'none',
    mcp: 'hooks',
    sessionAtCommit: 'environment',
    transcript: null,
    notes: [
      'Threads are kept by its server: nothing on this machine tells model and usage.',
      'Its plugin interface is said to be experimental; after `init`, run `plugins: reload` or start Amp again.',
    ],
  },
  recognises: (payload, { seen }) =>
    seen === null &&
    textField(payload, 'amp_event') !== undefined &&
    textField(payload, 'thread_id') !== undefined,
  parse,
};

const SHELL_TOOLS = new Set(['Bash', 'shell_command']);
const EDIT_TOOLS = new Set(['create_file', 'edit_file', 'format_file', 'undo_edit']);

function parse(payload: Payload, at: number, context: AdapterContext): AgentEvent | null {
  const thread = textField(payload, 'thread_id');
  const cwd = textField(payload, 'cwd') ?? null;
  const what = kindOf(payload, cwd, context);
  if (thread === undefined || what === null) return null;
  return { at, agent: 'amp', sessionId: label(thread), cwd, what };
}

function kindOf(payload: Payload, cwd: string | null, context: AdapterContext): EventKind<string> | null {
  switch (textField(payload, 'amp_event') ?? '') {
    case 'session.start':
      return { kind: 'start', source: 'startup' };
    case 'agent.start':
      return prompt(payload);
    case 'tool.call':
      return { kind: 'call-start', ...call(payload) };
    case 'tool.result':
      return callEnd(payload, cwd, context);
    case 'agent.end':
      return { kind: 'stop', ...defined({ said: lastWords(payload) }) };
    default:
      return null;
  }
}

function prompt(payload: Payload): EventKind<string> {
  const id = textField(payload, 'id');
  return {
    kind: 'prompt',
    text: textField(payload, 'message') ?? '',
    byUser: true,
    ...defined({ id: id === undefined ? undefined : label(id) }),
  };
}

function call(payload: Payload): Pick<CallEnd<string>, 'callId' | 'tool' | 'args' | 'shell'> {
  const tool = label(textField(payload, 'tool') ?? 'unknown');
  return {
    callId: label(textField(payload, 'toolUseID') ?? 'unnamed'),
    tool,
    args: asText(payload['input']),
    shell: SHELL_TOOLS.has(tool),
  };
}

function callEnd(payload: Payload, cwd: string | null, context: AdapterContext): CallEnd<string> {
  const { tool, ...rest } = call(payload);
  const input = objectField(payload, 'input');
  const ok = payload['status'] === 'done';
  return {
    kind: 'call-end',
    tool,
    ...rest,
    result: ok ? asText(payload['output']) : (textField(payload, 'error') ?? asText(payload['output'])),
    status: ok ? 'ok' : payload['status'] === 'error' ? 'error' : 'unknown',
    writes: ok && EDIT_TOOLS.has(tool) ? writesOf(tool, input, cwd, context) : [],
    retrieved: ok ? retrievedBy(tool, input, cwd, context) : [],
  };
}

function writesOf(
  tool: string,
  input: Payload,
  cwd: string | null,
  context: AdapterContext,
): CallEnd<string>['writes'] {
  const file = textField(input, 'path');
  const path = file === undefined ? null : context.pathInRepository(file, cwd);
  if (path === null) return [];
  const content = tool === 'create_file' ? input['content'] : undefined;
  const blob = typeof content === 'string' ? blobId(Buffer.from(content, 'utf8'), context.format) : null;
  return [{ path, blob }];
}

function retrievedBy(
  tool: string,
  input: Payload,
  cwd: string | null,
  context: AdapterContext,
): CallEnd<string>['retrieved'] {
  if (tool === 'Read')
    return fileRead(textField(input, 'path'), 'file', cwd, context).map((item) =>
      input['read_range'] === undefined ? item : { ...item, partial: true },
    );
  if (tool === 'read_web_page') return urlRead(textField(input, 'url'));
  if (tool === 'web_search')
    return [{ kind: 'search', uriText: textField(input, 'objective') ?? textField(input, 'query') ?? '' }];
  return [];
}

/** What the agent answered last: the text of the last message that is its own. */
function lastWords(payload: Payload): string | undefined {
  const own = objectsIn(payload['messages']).findLast((message) => message['role'] === 'assistant');
  if (own === undefined) return undefined;
  const { content } = own;
  if (typeof content === 'string') return content;
  const texts = objectsIn(content).flatMap((part) => textField(part, 'text') ?? []);
  return texts.length === 0 ? undefined : texts.join('\n');
}
