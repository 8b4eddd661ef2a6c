import type { AdapterContext, AgentAdapter, AgentEvent, CallEnd, EventKind } from './events.ts';
import { asText, defined, label, objectField, type Payload, textField } from './payload.ts';
import { fileRead } from './retrieved.ts';

/** Windsurf (Cascade), from its documented hooks. One shape for all: `agent_action_name`, and what it did in `tool_info`. */
export const windsurf: AgentAdapter = {
  name: 'windsurf',
  provider: null,
  provides: {
    title: 'Windsurf',
    ranWith: null,
    prompts: 'hooks',
    model: 'hooks',
    usage: 'none',
    callIds: 'derived',
    subagents: 'none',
    mcp: 'hooks',
    sessionAtCommit: 'none',
    transcript: null,
    notes: [
      'Its shell sets no variable that tells the agent from a person: a commit it makes is recorded only inside `git agent-log begin` … `end`.',
      'Its hooks tell neither whether a command failed nor what it printed.',
      'The JetBrains plugin reads `~/.codeium/hooks.json`, which `init` does not write.',
    ],
  },
  recognises: (payload, { seen }) =>
    seen === null &&
    textField(payload, 'agent_action_name') !== undefined &&
    textField(payload, 'trajectory_id') !== undefined,
  parse,
};

function parse(payload: Payload, at: number, context: AdapterContext): AgentEvent | null {
  const session = textField(payload, 'trajectory_id');
  const info = objectField(payload, 'tool_info');
  const cwd = textField(info, 'cwd') ?? textField(payload, 'cwd') ?? null;
  const what = kindOf(payload, info, cwd, context);
  if (session === undefined || what === null) return null;
  const model = textField(payload, 'model_name');
  return {
    at,
    agent: 'windsurf',
    sessionId: label(session),
    cwd,
    ...defined({ model: model === undefined || /^unknown$/i.test(model) ? undefined : label(model) }),
    what,
  };
}

function kindOf(
  payload: Payload,
  info: Payload,
  cwd: string | null,
  context: AdapterContext,
): EventKind<string> | null {
  const file = textField(info, 'file_path');
  switch (textField(payload, 'agent_action_name') ?? '') {
    case 'pre_user_prompt':
      return prompt(payload, info);
    case 'post_read_code':
      return { kind: 'context', items: fileRead(file, 'file', cwd, context) };
    case 'post_write_code':
      return { ...ended(editCall(info)), writes: written(file, cwd, context) };
    case 'pre_run_command':
      return { kind: 'call-start', ...shellCall(info) };
    case 'post_run_command':
      return ended(shellCall(info));
    case 'pre_mcp_tool_use':
      return { kind: 'call-start', ...mcpCall(info) };
    case 'post_mcp_tool_use':
      return { ...ended(mcpCall(info)), status: 'ok', result: asText(info['mcp_result']) };
    case 'post_cascade_response':
      return { kind: 'stop', ...defined({ said: textField(info, 'response') }) };
    case 'post_cascade_response_with_transcript':
      return { kind: 'stop' };
    default:
      return null;
  }
}

function prompt(payload: Payload, info: Payload): EventKind<string> {
  const turn = textField(payload, 'execution_id');
  return {
    kind: 'prompt',
    text: textField(info, 'user_prompt') ?? '',
    byUser: true,
    ...defined({ id: turn === undefined ? undefined : label(turn) }),
  };
}

type Call = Pick<CallEnd<string>, 'callId' | 'tool' | 'args' | 'shell'>;

function shellCall(info: Payload): Call {
  const command = textField(info, 'command_line') ?? textField(info, 'command') ?? '';
  return call('run_command', { command_line: command }, true);
}

function mcpCall(info: Payload): Call {
  const server = textField(info, 'mcp_server_name') ?? 'unknown';
  const name = textField(info, 'mcp_tool_name') ?? 'unknown';
  return call(`mcp:${server}:${name}`, info['mcp_tool_arguments'], false);
}

function editCall(info: Payload): Call {
  return call('write_code', { file_path: info['file_path'], edits: info['edits'] }, false);
}

function call(tool: string, args: unknown, shell: boolean): Call {
  return { callId: '', tool: label(tool), args: asText(args), shell };
}

/** A post hook says that it happened, not how it went. */
function ended(call: Call): CallEnd<string> {
  return { kind: 'call-end', ...call, result: null, status: 'unknown', writes: [], retrieved: [] };
}

function written(
  file: string | undefined,
  cwd: string | null,
  context: AdapterContext,
): CallEnd<string>['writes'] {
  const path = file === undefined ? null : context.pathInRepository(file, cwd);
  return path === null ? [] : [{ path, blob: null }];
}
