import { blobId } from '../../core/digest.ts';
import { prompt } from './claude-code.ts';
import type { AdapterContext, AgentAdapter, AgentEvent, CallEnd, EventKind } from './events.ts';
import { asText, defined, label, objectField, type Payload, textField } from './payload.ts';
import { fileRead } from './retrieved.ts';

/**
 * Devin's command line, from its documented hooks. Their form is Claude Code's without folder and transcript, and Devin
 * runs the hooks of Claude Code's settings too: what tells it apart is the variable only its hooks have.
 */
export const devin: AgentAdapter = {
  name: 'devin',
  provider: 'cognition',
  provides: {
    title: 'Devin (command line)',
    ranWith: null,
    prompts: 'hooks',
    model: 'none',
    usage: 'none',
    callIds: 'hooks',
    subagents: 'none',
    mcp: 'hooks',
    sessionAtCommit: 'none',
    transcript: null,
    notes: [
      'Its shell sets no variable that tells the agent from a person: a commit it makes is recorded only inside `git agent-log begin` … `end`.',
      'Model and usage are only in a file it writes when the session is over, after its commits.',
    ],
  },
  recognises: (payload, { installedFor, seen }) =>
    (seen === 'devin' || (seen === null && installedFor === 'devin')) &&
    textField(payload, 'hook_event_name') !== undefined &&
    textField(payload, 'session_id') !== undefined,
  parse,
};

const EDIT_TOOLS = new Set(['write', 'edit', 'notebook_edit']);

function parse(payload: Payload, at: number, context: AdapterContext): AgentEvent | null {
  const session = textField(payload, 'session_id');
  const what = kindOf(payload, context);
  if (session === undefined || what === null) return null;
  return { at, agent: 'devin', sessionId: label(session), cwd: null, what };
}

function kindOf(payload: Payload, context: AdapterContext): EventKind<string> | null {
  switch (textField(payload, 'hook_event_name') ?? '') {
    case 'SessionStart':
      return { kind: 'start', source: textField(payload, 'source') ?? 'unknown' };
    case 'UserPromptSubmit':
      return prompt(payload);
    case 'PreToolUse':
      return { kind: 'call-start', ...call(payload) };
    case 'PostToolUse':
      return callEnd(payload, context);
    case 'Stop':
      return { kind: 'stop', ...defined({ said: textField(payload, 'last_assistant_message') }) };
    case 'SessionEnd':
      return { kind: 'end' };
    default:
      return null;
  }
}

function call(payload: Payload): Pick<CallEnd<string>, 'callId' | 'tool' | 'args' | 'shell'> {
  const tool = label(textField(payload, 'tool_name') ?? 'unknown');
  return {
    callId: label(textField(payload, 'tool_use_id') ?? 'unnamed'),
    tool,
    args: asText(payload['tool_input']),
    shell: tool === 'exec',
  };
}

function callEnd(payload: Payload, context: AdapterContext): CallEnd<string> {
  const response = objectField(payload, 'tool_response');
  const ok = response['success'] !== false;
  const { tool, ...rest } = call(payload);
  const input = objectField(payload, 'tool_input');
  return {
    kind: 'call-end',
    tool,
    ...rest,
    result: ok ? asText(response['output']) : asText(response['error']),
    status: ok ? 'ok' : 'error',
    writes: ok && EDIT_TOOLS.has(tool) ? writesOf(input, context) : [],
    retrieved: ok && tool === 'read' ? fileRead(textField(input, 'file_path'), 'file', null, context) : [],
  };
}

function writesOf(input: Payload, context: AdapterContext): CallEnd<string>['writes'] {
  const file = textField(input, 'file_path');
  const path = file === undefined ? null : context.pathInRepository(file, null);
  if (path === null) return [];
  const { content } = input;
  const blob = typeof content === 'string' ? blobId(Buffer.from(content, 'utf8'), context.format) : null;
  return [{ path, blob }];
}
