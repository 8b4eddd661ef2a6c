import { join } from 'node:path';
import { blobId } from '../../core/digest.ts';
import { patchedFiles } from './codex-patch.ts';
import { readCopilotEvents } from './copilot-events.ts';
import type {
  AdapterContext,
  AgentAdapter,
  AgentEvent,
  CallEnd,
  EventKind,
  Retrieved,
  Write,
} from './events.ts';
import { asText, label, objectField, type Payload, plainUrl, textField } from './payload.ts';

/** Copilot CLI: hooks and events as observed with 1.0.102. */
export const copilotCli: AgentAdapter = {
  name: 'copilot-cli',
  provider: null,
  provides: {
    title: 'Copilot CLI',
    ranWith: '1.0.102',
    prompts: 'hooks',
    model: 'later',
    usage: 'later',
    callIds: 'derived',
    subagents: 'hooks',
    mcp: 'hooks',
    sessionAtCommit: 'environment',
    transcript: '~/.copilot/session-state/<session>/events.jsonl',
    notes: [
      'It runs the hooks of a repository only where its user trusts the folder, and does not say so: see `git agent-log doctor`.',
      'It runs the hooks of `.claude/settings.json` and `.claude/settings.local.json` too; what both tell counts once.',
      "Under a sub-agent the environment names a session no hook knows: the commit goes to the session whose sub-agent's command is running.",
    ],
  },
  recognises,
  parse,
  hidesSubagents: true,
  transcriptOf: (sessionId, home, env) =>
    join(env['COPILOT_HOME'] || join(home, '.copilot'), 'session-state', sessionId, 'events.jsonl'),
  readTranscript: readCopilotEvents,
};

/** Two shapes: its own, and, for hooks with Claude Code's event names, one that looks like Claude Code's. */
function recognises(payload: Payload, { seen }: { readonly seen: string | null }): boolean {
  if (seen !== null && seen !== 'copilot-cli') return false;
  if (textField(payload, 'sessionId') !== undefined) return typeof payload['timestamp'] === 'number';
  return (
    seen === 'copilot-cli' &&
    textField(payload, 'session_id') !== undefined &&
    textField(payload, 'hook_event_name') !== undefined
  );
}

/** One payload, whichever of the two shapes it came in. */
interface Told {
  readonly event: string | null;
  readonly sessionId: string | undefined;
  readonly stamp: number | undefined;
  readonly agentId: string | undefined;
  readonly agentType: string | undefined;
  readonly parentId: string | undefined;
  readonly transcript: string | undefined;
  readonly tool: string;
  readonly input: Payload;
  readonly args: string;
  readonly result: Payload;
}

function readPayload(payload: Payload): Told {
  const own = textField(payload, 'session_id') === undefined;
  const field = (camel: string, snake: string): string | undefined => textField(payload, own ? camel : snake);
  const input = payload[own ? 'toolArgs' : 'tool_input'];
  return {
    event: own ? eventOf(payload) : (textField(payload, 'hook_event_name') ?? null),
    sessionId: field('sessionId', 'session_id'),
    stamp: stampOf(payload['timestamp']),
    agentId: field('agentId', 'agent_id'),
    agentType: field('agentType', 'agent_type'),
    parentId: field('parentAgentId', 'parent_agent_id'),
    transcript: field('transcriptPath', 'transcript_path'),
    tool: ownToolName(label(field('toolName', 'tool_name') ?? 'unknown')),
    input: objectField({ input }, 'input'),
    args: asText(input),
    result: objectField(payload, own ? 'toolResult' : 'tool_result'),
  };
}

/** Its own shape does not name the event: the fields do. */
function eventOf(payload: Payload): string | null {
  const has = (name: string): boolean => Object.hasOwn(payload, name);
  if (has('hookName') || has('transformedPrompt')) return null;
  if (has('toolName')) {
    if (has('toolResult')) return 'PostToolUse';
    return has('error') ? 'PostToolUseFailure' : 'PreToolUse';
  }
  if (has('source')) return 'SessionStart';
  if (has('prompt')) return 'UserPromptSubmit';
  if (has('stopReason')) return has('response') ? 'SubagentStop' : 'Stop';
  return has('reason') ? 'SessionEnd' : null;
}

/** What its tools are called in payloads of Claude Code's shape. */
const OWN_NAMES: ReadonlyMap<string, string> = new Map([
  ['Bash', 'bash'],
  ['PowerShell', 'powershell'],
  ['Write', 'create'],
  ['Edit', 'edit'],
  ['Read', 'view'],
  ['Grep', 'grep'],
  ['Glob', 'glob'],
  ['Agent', 'task'],
]);

function ownToolName(name: string): string {
  return OWN_NAMES.get(name) ?? name;
}

function stampOf(value: unknown): number | undefined {
  const stamp = typeof value === 'string' ? Date.parse(value) : value;
  return typeof stamp === 'number' && Number.isFinite(stamp) && stamp >= 0 ? stamp : undefined;
}

function parse(payload: Payload, at: number, context: AdapterContext): AgentEvent | null {
  const told = readPayload(payload);
  const cwd = textField(payload, 'cwd') ?? null;
  const what = kindOf(told, payload, cwd, context);
  // A sub-agent's events bear its own id as the session's, and its parent's beside it.
  const session = told.agentId === undefined ? told.sessionId : (told.parentId ?? told.sessionId);
  if (session === undefined || what === null) return null;
  return {
    at,
    agent: 'copilot-cli',
    sessionId: label(session),
    cwd,
    ...(told.stamp === undefined ? {} : { stamp: told.stamp }),
    ...subagentOf(told),
    ...(told.transcript === undefined ? {} : { transcript: told.transcript }),
    what,
  };
}

function subagentOf({ agentId, agentType }: Told): Pick<AgentEvent, 'subagent'> {
  if (agentId === undefined) return {};
  return { subagent: { id: label(agentId), ...(agentType === undefined ? {} : { type: label(agentType) }) } };
}

function kindOf(
  told: Told,
  payload: Payload,
  cwd: string | null,
  context: AdapterContext,
): EventKind<string> | null {
  const event: string = told.event ?? '';
  switch (event) {
    case 'SessionStart':
      return { kind: 'start', source: label(textField(payload, 'source') ?? 'unknown') };
    case 'UserPromptSubmit':
      return { kind: 'prompt', text: textField(payload, 'prompt') ?? '', byUser: told.agentId === undefined };
    case 'PreToolUse':
      return callStart(told);
    case 'PostToolUse':
      return callEnd(told, resultOf(told), cwd, context);
    case 'PostToolUseFailure':
      return callEnd(told, { status: 'error', result: asText(payload['error']) }, cwd, context);
    case 'Stop':
    case 'SubagentStop':
      return { kind: 'stop' };
    case 'SessionEnd':
      return { kind: 'end' };
    default:
      return null;
  }
}

/** A call its user denies ends without a hook. */
function callStart({ tool, args }: Told): EventKind<string> {
  return { kind: 'call-start', callId: '', tool, args, shell: isOpaque(tool), endsEarlier: true };
}

/** A shell, or a server's tool (`<server>-<tool>`): what it does to files only a look at the worktree tells. */
function isOpaque(tool: string): boolean {
  return tool === 'bash' || tool === 'powershell' || tool.includes('-');
}

type Ended = Pick<CallEnd<string>, 'status' | 'result'>;

/** A command that failed is told as a success: its exit code is the last thing in the text. */
const EXITED = /<shellId: \S+ completed with exit code (-?\d+)>\s*$/;
const IN_BACKGROUND = /^<command started in background /;

function resultOf({ tool, result }: Told): Ended {
  const text = textField(result, 'textResultForLlm') ?? textField(result, 'text_result_for_llm') ?? '';
  const type = textField(result, 'resultType') ?? textField(result, 'result_type');
  if (type !== 'success') return { status: type === undefined ? 'unknown' : 'error', result: text };
  if (tool !== 'bash' && tool !== 'powershell') return { status: 'ok', result: text };
  if (IN_BACKGROUND.test(text)) return { status: 'unknown', result: text };
  const code = EXITED.exec(text)?.[1];
  return { status: code === undefined ? 'unknown' : code === '0' ? 'ok' : 'error', result: text };
}

function callEnd(told: Told, ended: Ended, cwd: string | null, context: AdapterContext): CallEnd<string> {
  const { tool, args } = told;
  const ok = ended.status === 'ok';
  return {
    kind: 'call-end',
    callId: '',
    tool,
    args,
    ...ended,
    shell: isOpaque(tool),
    writes: ok ? writesOf(told, cwd, context) : [],
    retrieved: ok ? retrievedBy(told, cwd, context) : [],
  };
}

/** `create` says what the whole file is; after an edit only the disk does. */
function writesOf({ tool, input, args }: Told, cwd: string | null, context: AdapterContext): Write[] {
  if (tool === 'apply_patch') {
    const patch = Object.values(input).find((value) => typeof value === 'string') ?? args;
    return patchedFiles(patch).flatMap(({ path, deleted }) =>
      written(path, cwd, context, deleted ? { deleted } : {}),
    );
  }
  const file = textField(input, 'path');
  if (file === undefined || (tool !== 'create' && tool !== 'edit')) return [];
  const text = tool === 'create' ? input['file_text'] : undefined;
  const blob = typeof text === 'string' ? blobId(Buffer.from(text, 'utf8'), context.format) : null;
  return written(file, cwd, context, { blob });
}

function written(
  file: string,
  cwd: string | null,
  context: AdapterContext,
  more: { readonly blob?: string | null; readonly deleted?: true },
): Write[] {
  const path = context.pathInRepository(file, cwd);
  return path === null ? [] : [{ path, blob: null, ...more }];
}

function retrievedBy(
  { tool, input }: Told,
  cwd: string | null,
  context: AdapterContext,
): Retrieved<string>[] {
  if (tool === 'web_fetch') {
    const text = textField(input, 'url');
    const uri = text === undefined ? undefined : plainUrl(text);
    return text === undefined ? [] : [{ kind: 'url', uriText: text, ...(uri === undefined ? {} : { uri }) }];
  }
  const file = tool === 'view' ? textField(input, 'path') : undefined;
  if (file === undefined) return [];
  const path = context.pathInRepository(file, cwd);
  if (path === null) return [{ kind: 'outside', uriText: file }];
  return [{ kind: 'file', uri: path, ...(Object.hasOwn(input, 'view_range') ? { partial: true } : {}) }];
}
