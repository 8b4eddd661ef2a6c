import { isAbsolute, resolve } from 'node:path';
import { blobId } from '../../core/digest.ts';
import type {
  AdapterContext,
  AgentAdapter,
  AgentEvent,
  CallEnd,
  EventKind,
  Retrieved,
  Write,
} from './events.ts';
import { readGeminiChat } from './gemini-chat.ts';
import { asText, label, objectField, type Payload, plainUrl, textField } from './payload.ts';

/** Events no other agent has. */
const OWN_EVENTS = ['BeforeAgent', 'AfterAgent', 'BeforeTool', 'AfterTool'];
const EVENTS = [...OWN_EVENTS, 'SessionStart', 'SessionEnd'];

/** Gemini CLI: hooks for prompts and calls, its chat file for model, usage and what it said (observed with 0.61.0). */
export const geminiCli: AgentAdapter = {
  name: 'gemini-cli',
  provider: 'google',
  provides: {
    title: 'Gemini CLI',
    ranWith: '0.61.0',
    prompts: 'hooks',
    model: 'transcript',
    usage: 'transcript',
    callIds: 'derived',
    subagents: 'none',
    mcp: 'hooks',
    sessionAtCommit: 'none',
    transcript: '~/.gemini/tmp/<project>/chats/session-<time>-<session>.jsonl',
    notes: [
      "It switches git's hooks off in its shell: its commits are found by the sweep, and recorded late and unsealed.",
      'Its hooks do not tell a sub-agent from the session that started it, and what a sub-agent uses is not counted.',
      'It runs no hooks of a repository in a folder it was not told to trust.',
    ],
  },
  recognises: (payload, { seen }) => {
    const event = textField(payload, 'hook_event_name') ?? '';
    if (textField(payload, 'session_id') === undefined) return false;
    return seen === 'gemini-cli' ? EVENTS.includes(event) : seen === null && OWN_EVENTS.includes(event);
  },
  parse,
  readTranscript: readGeminiChat,
};

const SHELL_TOOL = 'run_shell_command';

function parse(payload: Payload, at: number, context: AdapterContext): AgentEvent | null {
  const sessionId = textField(payload, 'session_id');
  const what = kindOf(payload, context);
  if (sessionId === undefined || what === null) return null;
  const transcript = textField(payload, 'transcript_path');
  const stamp = Date.parse(textField(payload, 'timestamp') ?? '');
  return {
    at,
    agent: 'gemini-cli',
    sessionId: label(sessionId),
    cwd: textField(payload, 'cwd') ?? null,
    ...(Number.isNaN(stamp) ? {} : { stamp }),
    ...(transcript === undefined ? {} : { transcript }),
    what,
  };
}

function kindOf(payload: Payload, context: AdapterContext): EventKind<string> | null {
  switch (textField(payload, 'hook_event_name') ?? '') {
    case 'SessionStart':
      return { kind: 'start', source: textField(payload, 'source') ?? 'unknown' };
    case 'BeforeAgent':
      return { kind: 'prompt', text: textField(payload, 'prompt') ?? '', byUser: true };
    case 'BeforeTool': {
      const tool = toolOf(payload);
      const args = asText(payload['tool_input']);
      return { kind: 'call-start', callId: '', tool, args, shell: tool === SHELL_TOOL };
    }
    case 'AfterTool':
      return callEnd(payload, context);
    case 'AfterAgent':
      return { kind: 'stop' };
    case 'SessionEnd':
      return { kind: 'end' };
    default:
      return null;
  }
}

function toolOf(payload: Payload): string {
  return label(textField(payload, 'tool_name') ?? 'unknown');
}

function callEnd(payload: Payload, context: AdapterContext): CallEnd<string> {
  const tool = toolOf(payload);
  const response = objectField(payload, 'tool_response');
  const status = hasFailed(tool, response) ? 'error' : 'ok';
  return {
    kind: 'call-end',
    callId: '',
    tool,
    args: asText(payload['tool_input']),
    result: asText(response['llmContent']),
    status,
    shell: tool === SHELL_TOOL,
    writes: status === 'ok' ? writesOf(tool, payload, context) : [],
    retrieved: status === 'ok' ? retrievedBy(tool, payload, context) : [],
  };
}

/** A command that exits with anything but 0 has ended well for Gemini CLI; the last lines of its result tell. */
function hasFailed(tool: string, response: Payload): boolean {
  if (response['error'] !== undefined && response['error'] !== null) return true;
  if (tool !== SHELL_TOOL) return false;
  const end = asText(response['llmContent']).slice(-300);
  return /\nExit Code: [1-9]\d*\n(?:[A-Z][\w ]*: .*\n)*<\/untrusted_context>\s*$/.test(end);
}

/** Both edit tools show the whole file as it was after. */
function writesOf(tool: string, payload: Payload, context: AdapterContext): Write[] {
  if (tool !== 'write_file' && tool !== 'replace') return [];
  const input = objectField(payload, 'tool_input');
  const shown = objectField(objectField(payload, 'tool_response'), 'returnDisplay');
  const file = textField(shown, 'filePath') ?? textField(input, 'file_path');
  const path = file === undefined ? null : context.pathInRepository(file, textField(payload, 'cwd') ?? null);
  if (path === null) return [];
  const content = shown['newContent'] ?? input['content'];
  return [{ path, blob: typeof content === 'string' ? blobOf(content, context) : null }];
}

function retrievedBy(tool: string, payload: Payload, context: AdapterContext): Retrieved<string>[] {
  const input = objectField(payload, 'tool_input');
  if (tool === 'read_file') return fileRead(payload, context);
  if (tool === 'google_web_search') return [{ kind: 'search', uriText: textField(input, 'query') ?? '' }];
  if (tool !== 'web_fetch') return [];
  // It takes a sentence with addresses in it.
  const addresses = (textField(input, 'prompt') ?? '').match(/https?:\/\/[^\s<>"'`]+/g) ?? [];
  return addresses.slice(0, MAX_ADDRESSES).map((address) => {
    const url = plainUrl(address);
    return { kind: 'url', uriText: address, ...(url === undefined ? {} : { uri: url }) };
  });
}

const MAX_ADDRESSES = 20;

function fileRead(payload: Payload, context: AdapterContext): Retrieved<string>[] {
  const input = objectField(payload, 'tool_input');
  const file = textField(input, 'file_path');
  const cwd = textField(payload, 'cwd') ?? null;
  if (file === undefined) return [];
  const path = context.pathInRepository(file, cwd);
  if (path === null)
    return [{ kind: 'outside', uriText: isAbsolute(file) ? file : resolve(cwd ?? '/', file) }];
  const content = objectField(payload, 'tool_response')['llmContent'];
  const cut = input['start_line'] !== undefined || input['end_line'] !== undefined;
  if (cut || (typeof content === 'string' && /^\s*IMPORTANT: /.test(content)))
    return [{ kind: 'file', uri: path, partial: true }];
  return [
    { kind: 'file', uri: path, ...(typeof content === 'string' ? { blob: blobOf(content, context) } : {}) },
  ];
}

function blobOf(content: string, { format }: AdapterContext): string {
  return blobId(Buffer.from(content, 'utf8'), format);
}
