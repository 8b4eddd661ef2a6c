import { blobId } from '../../core/digest.ts';
import { readClaudeTranscript } from './claude-transcript.ts';
import type { AdapterContext, AgentAdapter, AgentEvent, CallEnd, EventKind, Retrieved } from './events.ts';
import {
  absolutePath,
  asText,
  label,
  numberField,
  objectField,
  objectsIn,
  type Payload,
  plainUrl,
  textField,
} from './payload.ts';
import { fileRead, urlRead } from './retrieved.ts';

/** Claude Code: hooks of 2.1 (payload fields observed with 2.1.330), transcript for model, usage and what it said. */
export const claudeCode: AgentAdapter = {
  name: 'claude-code',
  provider: 'anthropic',
  provides: {
    title: 'Claude Code',
    ranWith: '2.1.330',
    prompts: 'hooks',
    model: 'transcript',
    usage: 'transcript',
    callIds: 'hooks',
    subagents: 'hooks',
    mcp: 'hooks',
    sessionAtCommit: 'environment',
    transcript: '~/.claude/projects/<folder>/<session>.jsonl',
    notes: ['With `--bare` no hook of its own runs.'],
  },
  recognises: (payload, { seen }) =>
    (seen === null || seen === 'claude-code') &&
    textField(payload, 'hook_event_name') !== undefined &&
    textField(payload, 'session_id') !== undefined,
  parse,
  transcriptLags: true,
  readTranscript: readClaudeTranscript,
};

const SHELL_TOOLS = new Set(['Bash', 'PowerShell']);
const EDIT_TOOLS = new Set(['Write', 'Edit', 'MultiEdit', 'NotebookEdit']);

function parse(payload: Payload, at: number, context: AdapterContext): AgentEvent | null {
  const sessionId = textField(payload, 'session_id');
  const cwd = textField(payload, 'cwd') ?? null;
  const what = kindOf(payload, cwd, context);
  if (sessionId === undefined || what === null) return null;
  const subagent = subagentOf(payload);
  const transcript = textField(payload, 'transcript_path');
  const model = textField(payload, 'model');
  return {
    at,
    agent: 'claude-code',
    sessionId: label(sessionId),
    cwd,
    ...(subagent === undefined ? {} : { subagent }),
    ...(transcript === undefined ? {} : { transcript }),
    ...(model === undefined ? {} : { model: label(model) }),
    what,
  };
}

/** A compaction reports an agent that stopped, of no type and with no transcript: that one never worked. */
function subagentOf(payload: Payload): AgentEvent['subagent'] {
  const id = textField(payload, 'agent_id');
  const type = textField(payload, 'agent_type');
  if (id === undefined || type === undefined) return undefined;
  const transcript =
    textField(payload, 'agent_transcript_path') ??
    transcriptOfSubagent(textField(payload, 'transcript_path'), id);
  return { id: label(id), type: label(type), ...(transcript === undefined ? {} : { transcript }) };
}

/** `<session>.jsonl` has those of its sub-agents in `<session>/subagents/`. */
function transcriptOfSubagent(session: string | undefined, id: string): string | undefined {
  if (session?.endsWith('.jsonl') !== true || !/^[\w-]{1,100}$/.test(id)) return undefined;
  return `${session.slice(0, -'.jsonl'.length)}/subagents/agent-${id}.jsonl`;
}

function kindOf(payload: Payload, cwd: string | null, context: AdapterContext): EventKind<string> | null {
  const event: string = textField(payload, 'hook_event_name') ?? '';
  switch (event) {
    case 'SessionStart':
      return { kind: 'start', source: textField(payload, 'source') ?? 'unknown' };
    case 'UserPromptSubmit':
      return prompt(payload);
    case 'PreToolUse': {
      const { callId, tool } = call(payload);
      return {
        kind: 'call-start',
        callId,
        tool,
        args: asText(payload['tool_input']),
        shell: SHELL_TOOLS.has(tool),
      };
    }
    case 'PostToolUse':
      return callEnd(payload, 'ok', cwd, context);
    case 'PostToolUseFailure':
      return callEnd(payload, 'error', cwd, context);
    case 'InstructionsLoaded':
      return {
        kind: 'context',
        items: fileRead(textField(payload, 'file_path'), 'instructions', cwd, context),
      };
    case 'Stop':
      return { kind: 'stop' };
    case 'SubagentStart':
    case 'SubagentStop':
      return subagentStep(payload, event);
    case 'SessionEnd':
      return { kind: 'end' };
    default:
      return null;
  }
}

function subagentStep(payload: Payload, event: string): EventKind<string> | null {
  if (subagentOf(payload) === undefined) return null;
  return event === 'SubagentStop' ? { kind: 'stop' } : { kind: 'context', items: [] };
}

/** A finished background task reports itself as a prompt of this form: nobody asked for anything new. */
const NOTIFICATION = '<task-notification>';

/** A prompt in the form Claude Code gave it; others send it in the same. */
export function prompt(payload: Payload): EventKind<string> {
  const text = textField(payload, 'prompt') ?? '';
  const id = textField(payload, 'prompt_id');
  return {
    kind: 'prompt',
    text,
    byUser: !text.startsWith(NOTIFICATION),
    ...(id === undefined ? {} : { id: label(id) }),
  };
}

function call(payload: Payload): { callId: string; tool: string } {
  return {
    callId: label(textField(payload, 'tool_use_id') ?? 'unnamed'),
    tool: label(textField(payload, 'tool_name') ?? 'unknown'),
  };
}

function callEnd(
  payload: Payload,
  status: 'ok' | 'error',
  cwd: string | null,
  context: AdapterContext,
): CallEnd<string> {
  const { callId, tool } = call(payload);
  const duration = numberField(payload, 'duration_ms');
  return {
    kind: 'call-end',
    callId,
    tool,
    args: asText(payload['tool_input']),
    result: status === 'ok' ? asText(payload['tool_response']) : (textField(payload, 'error') ?? ''),
    status,
    shell: SHELL_TOOLS.has(tool),
    ...(status === 'ok' && EDIT_TOOLS.has(tool) ? writesOf(payload, cwd, context) : { writes: [] }),
    retrieved: status === 'ok' ? retrievedBy(tool, payload, cwd, context) : [],
    ...(duration === undefined ? {} : { durationMs: duration }),
  };
}

/** The file an edit tool left, in this repository or in another. */
function writesOf(
  payload: Payload,
  cwd: string | null,
  context: AdapterContext,
): Pick<CallEnd<string>, 'writes' | 'elsewhere'> {
  const input = objectField(payload, 'tool_input');
  const named = textField(input, 'file_path') ?? textField(input, 'notebook_path');
  if (named === undefined) return { writes: [] };
  const content = contentAfter(input, objectField(payload, 'tool_response'));
  const blob = content === null ? null : blobId(Buffer.from(content, 'utf8'), context.format);
  const path = context.pathInRepository(named, cwd);
  const file = absolutePath(named, cwd);
  if (path !== null) return { writes: [{ path, blob, ...(file === null ? {} : { file }) }] };
  return { writes: [], elsewhere: file === null ? [] : [{ file, blob }] };
}

/** The whole file after a Write or Edit, when the payload tells it; null when it does not. */
function contentAfter(input: Payload, response: Payload): string | null {
  if (typeof input['content'] === 'string') return input['content'];
  const original = response['originalFile'];
  if (typeof original !== 'string') return null;
  const edits = Array.isArray(input['edits']) ? objectsIn(input['edits']) : [input];
  return edits.reduce<string | null>(
    (text, edit) => (text === null ? null : applyEdit(text, edit)),
    original,
  );
}

function applyEdit(text: string, edit: Payload): string | null {
  const before = edit['old_string'];
  const after = edit['new_string'];
  if (typeof before !== 'string' || typeof after !== 'string' || !text.includes(before)) return null;
  return edit['replace_all'] === true
    ? text.replaceAll(before, () => after)
    : text.replace(before, () => after);
}

function retrievedBy(
  tool: string,
  payload: Payload,
  cwd: string | null,
  context: AdapterContext,
): Retrieved<string>[] {
  const input = objectField(payload, 'tool_input');
  if (tool === 'Read')
    return fileReadWith(
      objectField(objectField(payload, 'tool_response'), 'file'),
      textField(input, 'file_path'),
      cwd,
      context,
    );
  if (tool === 'WebFetch') return urlRead(textField(input, 'url'));
  if (tool === 'WebSearch') return [{ kind: 'search', uriText: textField(input, 'query') ?? '' }];
  if (tool === 'ReadMcpResourceTool') return mcpRead(input);
  return [];
}

/** A resource of an MCP server. One that is a file of this machine stays a text: its path is the user's. */
function mcpRead(input: Payload): Retrieved<string>[] {
  const server = textField(input, 'server') ?? '';
  const address = textField(input, 'uri') ?? '';
  const uri = address.startsWith('file:') ? undefined : plainUrl(address);
  return [{ kind: 'mcp', uriText: `${server} ${address}`, ...(uri === undefined ? {} : { uri }) }];
}

/** Read tells the text, which lines of the file it is, and how many there are. */
function fileReadWith(
  file: Payload,
  path: string | undefined,
  cwd: string | null,
  context: AdapterContext,
): Retrieved<string>[] {
  const content = file['content'];
  const whole =
    numberField(file, 'startLine') === 1 && numberField(file, 'numLines') === numberField(file, 'totalLines');
  return fileRead(path, 'file', cwd, context).map((item) => {
    if (item.kind === 'outside' || typeof content !== 'string') return item;
    return whole
      ? { ...item, blob: blobId(Buffer.from(content, 'utf8'), context.format) }
      : { ...item, partial: true };
  });
}
