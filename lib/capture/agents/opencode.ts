import { isAbsolute, resolve } from 'node:path';
import { blobId } from '../../core/digest.ts';
import type { Usage } from '../../core/records/usage.ts';
import type {
  AdapterContext,
  AgentAdapter,
  AgentEvent,
  CallEnd,
  EventKind,
  Retrieved,
  Write,
} from './events.ts';
import {
  asText,
  label,
  objectField,
  objectsIn,
  type Payload,
  plainUrl,
  textField,
  tokenCount,
} from './payload.ts';

/** What the plugin puts before the name of every event: no other agent's hooks say so. */
const EVENT_PREFIX = 'opencode.';

/** opencode, as the plugin we install tells it: it has no hooks that run commands (observed with 1.18.33). */
export const opencode: AgentAdapter = {
  name: 'opencode',
  provider: null,
  provides: {
    title: 'opencode',
    ranWith: '1.18.33',
    prompts: 'hooks',
    model: 'hooks',
    usage: 'hooks',
    callIds: 'hooks',
    subagents: 'hooks',
    mcp: 'hooks',
    sessionAtCommit: 'environment',
    transcript: null,
    notes: [
      'It has no hooks of its own: `init` installs a plugin, which `--pure` turns off.',
      'The usage of the answer that makes a commit is told after it: it is in the next record, or added when the session ends.',
      'A fork (`--fork`) names no parent: it is a session of its own.',
    ],
  },
  recognises: (payload) =>
    textField(payload, 'hook_event_name')?.startsWith(EVENT_PREFIX) === true &&
    textField(payload, 'session_id') !== undefined,
  parse,
};

const SHELL_TOOL = 'bash';

function parse(payload: Payload, at: number, context: AdapterContext): AgentEvent | null {
  const sessionId = textField(payload, 'session_id');
  const what = kindOf(payload, context);
  if (sessionId === undefined || what === null) return null;
  return {
    at,
    agent: 'opencode',
    sessionId: label(sessionId),
    cwd: textField(payload, 'cwd') ?? null,
    ...subagentOf(payload),
    ...named(payload, 'model'),
    ...named(payload, 'provider'),
    ...named(payload, 'version'),
    what,
  };
}

function subagentOf(payload: Payload): Pick<AgentEvent, 'subagent'> {
  const id = textField(payload, 'agent_id');
  const type = textField(payload, 'agent_type');
  if (id === undefined) return {};
  return { subagent: { id: label(id), ...(type === undefined ? {} : { type: label(type) }) } };
}

function named<K extends string>(payload: Payload, name: K): { [name in K]?: string } {
  const value = textField(payload, name);
  return value === undefined ? {} : ({ [name]: label(value) } as { [name in K]?: string });
}

function kindOf(payload: Payload, context: AdapterContext): EventKind<string> | null {
  const event = textField(payload, 'hook_event_name')?.slice(EVENT_PREFIX.length) ?? '';
  const { callId, tool } = call(payload);
  switch (event) {
    case 'session.created':
      return { kind: 'start', source: isFork(payload) ? 'fork' : 'startup' };
    case 'prompt':
      return prompt(payload);
    case 'context':
      return { kind: 'context', items: contextOf(payload, context) };
    case 'tool.before':
      return { kind: 'call-start', callId, tool, args: asText(payload['args']), shell: tool === SHELL_TOOL };
    case 'tool.after':
      return callEnd(payload, hasFailed(payload) ? 'error' : 'ok', context);
    case 'tool.error':
      return callEnd(payload, 'error', context);
    case 'answer':
      return answer(payload);
    case 'idle':
      return { kind: 'stop' };
    case 'end':
      return { kind: 'end' };
    default:
      return null;
  }
}

/** A fork is known by its title alone: it names no parent. */
function isFork(payload: Payload): boolean {
  return / \(fork #\d+\)$/.test(textField(payload, 'title') ?? '');
}

function prompt(payload: Payload): EventKind<string> {
  const id = textField(payload, 'id');
  return {
    kind: 'prompt',
    text: textField(payload, 'text') ?? '',
    // What a sub-agent is asked, its agent asks it.
    byUser: textField(payload, 'agent_id') === undefined,
    ...(id === undefined ? {} : { id: label(id) }),
  };
}

function answer(payload: Payload): EventKind<string> {
  const { tokens } = payload;
  return {
    kind: 'answer',
    id: label(textField(payload, 'id') ?? 'unnamed'),
    usage: tokens === undefined ? null : usageOf(objectField(payload, 'tokens')),
    said: textField(payload, 'text') ?? null,
  };
}

/** opencode counts what was read from a cache, and reasoning, apart from the rest. */
function usageOf(tokens: Payload): Usage {
  const cache = objectField(tokens, 'cache');
  return {
    inputTokens: tokenCount(tokens, 'input'),
    outputTokens: tokenCount(tokens, 'output') + tokenCount(tokens, 'reasoning'),
    cacheReadInputTokens: tokenCount(cache, 'read'),
    cacheCreationInputTokens: tokenCount(cache, 'write'),
  };
}

function call(payload: Payload): { callId: string; tool: string } {
  return {
    callId: label(textField(payload, 'tool_use_id') ?? 'unnamed'),
    tool: label(textField(payload, 'tool_name') ?? 'unknown'),
  };
}

/** A command that exits with anything but 0 has ended well for opencode. */
function hasFailed(payload: Payload): boolean {
  const exit = objectField(payload, 'metadata')['exit'];
  return textField(payload, 'tool_name') === SHELL_TOOL && typeof exit === 'number' && exit !== 0;
}

function callEnd(payload: Payload, status: 'ok' | 'error', context: AdapterContext): CallEnd<string> {
  const { callId, tool } = call(payload);
  return {
    kind: 'call-end',
    callId,
    tool,
    args: asText(payload['args']),
    result: textField(payload, 'output') ?? '',
    status,
    shell: tool === SHELL_TOOL,
    writes: status === 'ok' ? writesOf(tool, payload, context) : [],
    retrieved: status === 'ok' ? retrievedBy(tool, payload, context) : [],
  };
}

function writesOf(tool: string, payload: Payload, context: AdapterContext): Write[] {
  const args = objectField(payload, 'args');
  const cwd = textField(payload, 'cwd') ?? null;
  const at = (file: string | undefined, rest: Pick<Write, 'blob' | 'deleted'>): Write[] => {
    const path = file === undefined ? null : context.pathInRepository(file, cwd);
    return path === null ? [] : [{ path, ...rest }];
  };
  switch (tool) {
    case 'write':
      return at(textField(args, 'filePath'), { blob: blobOf(args['content'], context) });
    case 'edit':
    case 'multiedit':
      return at(textField(args, 'filePath'), { blob: null });
    case 'apply_patch':
    case 'patch':
      return objectsIn(objectField(payload, 'metadata')['files']).flatMap((file) => {
        const [path, moved] = [textField(file, 'filePath'), textField(file, 'movePath')];
        if (file['type'] === 'delete') return at(path, { blob: null, deleted: true });
        if (moved === undefined) return at(path, { blob: null });
        return [...at(path, { blob: null, deleted: true }), ...at(moved, { blob: null })];
      });
    default:
      return [];
  }
}

function blobOf(content: unknown, { format }: AdapterContext): string | null {
  return typeof content === 'string' ? blobId(Buffer.from(content, 'utf8'), format) : null;
}

function retrievedBy(tool: string, payload: Payload, context: AdapterContext): Retrieved<string>[] {
  const args = objectField(payload, 'args');
  if (tool === 'read') return filesRead(payload, context);
  if (tool === 'websearch' || tool === 'codesearch')
    return [{ kind: 'search', uriText: textField(args, 'query') ?? '' }];
  const address = tool === 'webfetch' ? textField(args, 'url') : undefined;
  if (address === undefined) return [];
  const url = plainUrl(address);
  return [{ kind: 'url', uriText: address, ...(url === undefined ? {} : { uri: url }) }];
}

/** The file, and the instructions of its folder that came along. */
function filesRead(payload: Payload, context: AdapterContext): Retrieved<string>[] {
  const cwd = textField(payload, 'cwd') ?? null;
  const metadata = objectField(payload, 'metadata');
  const shown = objectField(metadata, 'display');
  if (shown['type'] === 'directory') return [];
  const whole = shown['lineStart'] === 1 && shown['lineEnd'] === shown['totalLines'] && !shown['truncated'];
  const file = textField(objectField(payload, 'args'), 'filePath');
  const read = file === undefined ? [] : [fileRead(file, 'file', cwd, context)];
  return [
    ...read.map((item) => (whole || item.kind === 'outside' ? item : { ...item, partial: true })),
    ...pathsIn(metadata['loaded']).map((path) => fileRead(path, 'instructions', cwd, context)),
  ];
}

function contextOf(payload: Payload, context: AdapterContext): Retrieved<string>[] {
  const cwd = textField(payload, 'cwd') ?? null;
  return (['file', 'instructions'] as const).flatMap((kind) =>
    pathsIn(payload[kind]).map((path) => fileRead(path, kind, cwd, context)),
  );
}

function pathsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string' && item !== '') : [];
}

function fileRead(
  file: string,
  kind: 'file' | 'instructions',
  cwd: string | null,
  context: AdapterContext,
): Retrieved<string> {
  const path = context.pathInRepository(file, cwd);
  if (path !== null) return { kind, uri: path };
  return { kind: 'outside', uriText: isAbsolute(file) ? file : resolve(cwd ?? '/', file) };
}
