import { blobId } from '../../core/digest.ts';
import { readClaudeTranscript } from './claude-transcript.ts';
import type {
  AdapterContext,
  AgentAdapter,
  AgentEvent,
  CallEnd,
  EventKind,
  Retrieved,
  Write,
} from './events.ts';
import { asText, label, numberField, objectField, objectsIn, type Payload, textField } from './payload.ts';
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
  const agentId = textField(payload, 'agent_id');
  const agentType = textField(payload, 'agent_type');
  const transcript = textField(payload, 'transcript_path');
  const model = textField(payload, 'model');
  return {
    at,
    agent: 'claude-code',
    sessionId: label(sessionId),
    cwd,
    ...(agentId === undefined
      ? {}
      : { subagent: { id: label(agentId), ...(agentType === undefined ? {} : { type: label(agentType) }) } }),
    ...(transcript === undefined ? {} : { transcript }),
    ...(model === undefined ? {} : { model: label(model) }),
    what,
  };
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
    case 'SubagentStop':
      return { kind: 'stop' };
    case 'SessionEnd':
      return { kind: 'end' };
    default:
      return null;
  }
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
    writes: status === 'ok' && EDIT_TOOLS.has(tool) ? writesOf(payload, cwd, context) : [],
    retrieved: status === 'ok' ? retrievedBy(tool, payload, cwd, context) : [],
    ...(duration === undefined ? {} : { durationMs: duration }),
  };
}

function writesOf(payload: Payload, cwd: string | null, context: AdapterContext): Write[] {
  const input = objectField(payload, 'tool_input');
  const file = textField(input, 'file_path') ?? textField(input, 'notebook_path');
  const path = file === undefined ? null : context.pathInRepository(file, cwd);
  if (path === null) return [];
  const content = contentAfter(input, objectField(payload, 'tool_response'));
  return [{ path, blob: content === null ? null : blobId(Buffer.from(content, 'utf8'), context.format) }];
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
  if (tool === 'ReadMcpResourceTool')
    return [{ kind: 'mcp', uriText: `${textField(input, 'server') ?? ''} ${textField(input, 'uri') ?? ''}` }];
  return [];
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
