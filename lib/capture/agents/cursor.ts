import { blobId } from '../../core/digest.ts';
import type { AdapterContext, AgentAdapter, AgentEvent, CallEnd, EventKind, Write } from './events.ts';
import {
  asText,
  defined,
  label,
  numberField,
  objectField,
  objectsIn,
  type Payload,
  textField,
} from './payload.ts';
import { fileRead, urlRead } from './retrieved.ts';

/**
 * Cursor: IDE, command line and background agents, from the documented hooks of 1.7 (the earlier set) and of 2026 (the
 * later set). A client with both tells of one edit or command by both. Who is logged in (`user_email`) is never read.
 */
export const cursor: AgentAdapter = {
  name: 'cursor',
  provider: null,
  provides: {
    title: 'Cursor',
    ranWith: null,
    prompts: 'hooks',
    model: 'hooks',
    usage: 'none',
    callIds: 'hooks',
    subagents: 'hooks',
    mcp: 'hooks',
    sessionAtCommit: 'environment',
    transcript: null,
    notes: [
      'With `-p` the command line tells neither prompts nor the end of a turn.',
      'Versions before 2026 tell no tool-call ids: then calls are named here.',
      'Older builds set no session id for commands: then the record names the agent, and no prompts.',
      'Tab completions are typing of a person, and are not recorded.',
    ],
  },
  recognises: (payload, { seen }) =>
    (seen === null || seen === 'cursor') &&
    textField(payload, 'hook_event_name') !== undefined &&
    textField(payload, 'conversation_id') !== undefined,
  parse,
};

const SHELL_TOOL = 'Shell';
const EDIT_TOOLS = new Set([
  'Write',
  'StrReplace',
  'Edit',
  'MultiEdit',
  'Delete',
  'ApplyPatch',
  'EditNotebook',
]);
/** Words Cursor puts where a model's name goes when the user left the choice to it. */
const NO_MODEL = new Set(['default', 'auto', 'unknown']);

function isShell(tool: string): boolean {
  return tool === SHELL_TOOL;
}

interface Told {
  readonly what: EventKind<string>;
  readonly hookSet?: 'earlier' | 'later';
}

function parse(payload: Payload, at: number, context: AdapterContext): AgentEvent | null {
  const own = textField(payload, 'conversation_id');
  const cwd = textField(payload, 'cwd') ?? firstRoot(payload);
  const told = tellOf(payload, cwd, context);
  if (own === undefined || told === null) return null;
  const model = textField(payload, 'model');
  const version = textField(payload, 'cursor_version');
  return {
    at,
    agent: 'cursor',
    sessionId: label(textField(payload, 'parent_conversation_id') ?? own),
    cwd,
    ...defined({
      subagent: subagentOf(payload),
      model: model === undefined || NO_MODEL.has(model.toLowerCase()) ? undefined : label(model),
      version: version === undefined ? undefined : label(version),
      hookSet: told.hookSet,
    }),
    what: told.what,
  };
}

function firstRoot(payload: Payload): string | null {
  const roots = payload['workspace_roots'];
  const first: unknown = Array.isArray(roots) ? roots[0] : undefined;
  return typeof first === 'string' && first !== '' ? first : null;
}

function subagentOf(payload: Payload): AgentEvent['subagent'] {
  const id = textField(payload, 'subagent_id');
  const type = textField(payload, 'subagent_type');
  if (id === undefined) return undefined;
  return { id: label(id), ...(type === undefined ? {} : { type: label(type) }) };
}

function tellOf(payload: Payload, cwd: string | null, context: AdapterContext): Told | null {
  const event = textField(payload, 'hook_event_name') ?? '';
  return (
    lifeOf(event, payload, cwd, context) ??
    laterCall(event, payload, cwd, context) ??
    earlierCall(event, payload, cwd, context)
  );
}

function lifeOf(event: string, payload: Payload, cwd: string | null, context: AdapterContext): Told | null {
  switch (event) {
    case 'sessionStart':
      return { what: { kind: 'start', source: 'startup' } };
    case 'beforeSubmitPrompt':
      return { what: prompt(payload, cwd, context) };
    case 'subagentStart':
      return { what: { kind: 'context', items: [] } };
    case 'afterAgentResponse':
      return { what: answer(payload) };
    case 'subagentStop':
    case 'stop':
      return { what: { kind: 'stop' } };
    case 'sessionEnd':
      return { what: { kind: 'end' } };
    default:
      return null;
  }
}

function answer(payload: Payload): EventKind<string> {
  const said = textField(payload, 'text') ?? null;
  return { kind: 'answer', id: label(textField(payload, 'generation_id') ?? ''), usage: null, said };
}

function prompt(payload: Payload, cwd: string | null, context: AdapterContext): EventKind<string> {
  const id = textField(payload, 'generation_id');
  const attached = objectsIn(payload['attachments']).flatMap((item) =>
    fileRead(
      textField(item, 'filePath') ?? textField(item, 'file_path'),
      item['type'] === 'rule' ? 'instructions' : 'file',
      cwd,
      context,
    ),
  );
  return {
    kind: 'prompt',
    text: textField(payload, 'prompt') ?? '',
    byUser: true,
    ...defined({ id: id === undefined ? undefined : label(id) }),
    ...(attached.length === 0 ? {} : { attached }),
  };
}

function laterCall(
  event: string,
  payload: Payload,
  cwd: string | null,
  context: AdapterContext,
): Told | null {
  const tool = label(textField(payload, 'tool_name') ?? 'unknown');
  const input = payload['tool_input'];
  const call = {
    callId: label(textField(payload, 'tool_use_id') ?? ''),
    tool,
    args: asText(input),
    shell: isShell(tool),
  };
  switch (event) {
    case 'preToolUse':
      return { hookSet: 'later', what: { kind: 'call-start', ...call } };
    case 'postToolUse':
      return {
        hookSet: 'later',
        what: {
          ...callEnd(call, 'ok', asText(payload['tool_output']), numberField(payload, 'duration')),
          writes: EDIT_TOOLS.has(tool) ? writesOf(objectField(payload, 'tool_input'), cwd, context) : [],
          retrieved: retrievedBy(tool, objectField(payload, 'tool_input'), cwd, context),
        },
      };
    case 'postToolUseFailure':
      return {
        hookSet: 'later',
        what: callEnd(
          call,
          'error',
          textField(payload, 'error_message') ?? asText(payload['error']),
          numberField(payload, 'duration'),
        ),
      };
    default:
      return null;
  }
}

type Call = Pick<CallEnd<string>, 'callId' | 'tool' | 'args' | 'shell'>;

function callEnd(call: Call, status: 'ok' | 'error', result: string, duration?: number): CallEnd<string> {
  return {
    kind: 'call-end',
    ...call,
    result,
    status,
    writes: [],
    retrieved: [],
    ...defined({ durationMs: duration === undefined ? undefined : Math.floor(duration) }),
  };
}

function earlierCall(
  event: string,
  payload: Payload,
  cwd: string | null,
  context: AdapterContext,
): Told | null {
  const what = earlierKind(event, payload, cwd, context);
  return what === null ? null : { hookSet: 'earlier', what };
}

function earlierKind(
  event: string,
  payload: Payload,
  cwd: string | null,
  context: AdapterContext,
): EventKind<string> | null {
  const file = textField(payload, 'file_path');
  switch (event) {
    case 'beforeShellExecution':
      return { kind: 'call-start', ...shellCall(payload) };
    case 'afterShellExecution':
      return callEnd(shellCall(payload), 'ok', asText(payload['output']), numberField(payload, 'duration'));
    case 'beforeMCPExecution':
      return { kind: 'call-start', ...mcpCall(payload) };
    case 'afterMCPExecution':
      return callEnd(
        mcpCall(payload),
        'ok',
        asText(payload['result_json']),
        numberField(payload, 'duration'),
      );
    case 'afterFileEdit':
      return { ...callEnd(editCall(payload), 'ok', ''), writes: writeAt(file, null, cwd, context) };
    case 'beforeReadFile':
      return { kind: 'context', items: fileRead(file, 'file', cwd, context) };
    default:
      return null;
  }
}

function shellCall(payload: Payload): Call {
  const command = textField(payload, 'command') ?? '';
  return {
    callId: '',
    tool: SHELL_TOOL,
    args: asText({ command }),
    shell: isShell(SHELL_TOOL),
  };
}

function mcpCall(payload: Payload): Call {
  const tool = label(`MCP:${textField(payload, 'tool_name') ?? 'unknown'}`);
  const args = asText(payload['tool_input']);
  return { callId: '', tool, args, shell: false };
}

function editCall(payload: Payload): Call {
  const args = asText({ file_path: payload['file_path'], edits: payload['edits'] });
  return { callId: '', tool: 'Edit', args, shell: false };
}

function writesOf(input: Payload, cwd: string | null, context: AdapterContext): Write[] {
  const content = input['content'] ?? input['contents'];
  return writeAt(
    textField(input, 'file_path') ?? textField(input, 'path'),
    typeof content === 'string' ? content : null,
    cwd,
    context,
  );
}

function writeAt(
  file: string | undefined,
  content: string | null,
  cwd: string | null,
  context: AdapterContext,
): Write[] {
  const path = file === undefined ? null : context.pathInRepository(file, cwd);
  if (path === null) return [];
  return [{ path, blob: content === null ? null : blobId(Buffer.from(content, 'utf8'), context.format) }];
}

function retrievedBy(
  tool: string,
  input: Payload,
  cwd: string | null,
  context: AdapterContext,
): CallEnd<string>['retrieved'] {
  if (tool === 'Read')
    return fileRead(textField(input, 'file_path') ?? textField(input, 'path'), 'file', cwd, context).map(
      (item) =>
        input['limit'] === undefined && input['offset'] === undefined ? item : { ...item, partial: true },
    );
  if (tool === 'WebFetch') return urlRead(textField(input, 'url'));
  if (tool === 'WebSearch')
    return [{ kind: 'search', uriText: textField(input, 'search_term') ?? textField(input, 'query') ?? '' }];
  return [];
}
