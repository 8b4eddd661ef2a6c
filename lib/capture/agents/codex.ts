import { basename } from 'node:path';
import { patchedFiles } from './codex-patch.ts';
import { readCodexRollout } from './codex-rollout.ts';
import type {
  AdapterContext,
  AgentAdapter,
  AgentEvent,
  CallEnd,
  EventKind,
  Retrieved,
  Write,
} from './events.ts';
import { asText, label, objectField, type Payload, textField } from './payload.ts';

/** Codex CLI: hooks and rollout as observed with 0.169.0. */
export const codex: AgentAdapter = {
  name: 'codex',
  provider: 'openai',
  provides: {
    title: 'Codex CLI',
    ranWith: '0.169.0',
    prompts: 'hooks',
    model: 'hooks',
    usage: 'transcript',
    callIds: 'hooks',
    subagents: 'hooks',
    mcp: 'hooks',
    sessionAtCommit: 'environment',
    transcript: '~/.codex/sessions/<year>/<month>/<day>/rollout-<time>-<thread>.jsonl',
    notes: [
      'It runs no hook that its user has not trusted, and says nothing: see `git agent-log doctor`.',
      'In its default sandbox (`workspace-write`) it can not write `.git`: the work is left for a person to commit.',
      'Whether a command failed is only in the transcript: with `--ephemeral` its status is `unknown`.',
    ],
  },
  recognises,
  parse,
  readTranscript: readCodexRollout,
};

/**
 * Its hooks get no variable that tells it. Its payloads look like Claude Code's but for the turn's id, and the name of
 * the transcript, which is null for a session that keeps none.
 */
function recognises(payload: Payload, { seen }: { readonly seen: string | null }): boolean {
  if (seen !== null || 'prompt_id' in payload) return false;
  if (textField(payload, 'hook_event_name') === undefined || textField(payload, 'session_id') === undefined)
    return false;
  const transcript = payload['transcript_path'];
  return (
    textField(payload, 'turn_id') !== undefined ||
    transcript === null ||
    (typeof transcript === 'string' && basename(transcript).startsWith('rollout-'))
  );
}

function parse(payload: Payload, at: number, context: AdapterContext): AgentEvent | null {
  const sessionId = textField(payload, 'session_id');
  const cwd = textField(payload, 'cwd') ?? null;
  const what = kindOf(payload, cwd, context);
  if (sessionId === undefined || what === null) return null;
  const model = textField(payload, 'model');
  return {
    at,
    agent: 'codex',
    sessionId: label(sessionId),
    cwd,
    ...loopOf(payload),
    ...(model === undefined ? {} : { model: label(model) }),
    what,
  };
}

/** Whose loop it is. Under a sub-agent `transcript_path` is the sub-agent's, but for its stop, which names both. */
function loopOf(payload: Payload): Pick<AgentEvent, 'subagent' | 'transcript'> {
  const id = textField(payload, 'agent_id');
  const transcript = textField(payload, 'transcript_path');
  if (id === undefined) return transcript === undefined ? {} : { transcript };
  const type = textField(payload, 'agent_type');
  const own = textField(payload, 'agent_transcript_path') ?? transcript;
  return {
    subagent: {
      id: label(id),
      ...(type === undefined ? {} : { type: label(type) }),
      ...(own === undefined ? {} : { transcript: own }),
    },
  };
}

function kindOf(payload: Payload, cwd: string | null, context: AdapterContext): EventKind<string> | null {
  const event: string = textField(payload, 'hook_event_name') ?? '';
  switch (event) {
    case 'SessionStart':
      return { kind: 'start', source: label(textField(payload, 'source') ?? 'unknown') };
    case 'UserPromptSubmit':
      return prompt(payload);
    case 'PreToolUse': {
      const { callId, tool } = call(payload);
      return { kind: 'call-start', callId, tool, args: asText(payload['tool_input']), shell: isOpaque(tool) };
    }
    case 'PostToolUse':
      return callEnd(payload, cwd, context);
    case 'Stop':
    case 'SubagentStop':
    case 'Interrupt':
      return { kind: 'stop' };
    case 'SessionEnd':
      return { kind: 'end' };
    default:
      return null;
  }
}

/** What a sub-agent is asked, its parent asks. */
function prompt(payload: Payload): EventKind<string> {
  const turn = textField(payload, 'turn_id');
  return {
    kind: 'prompt',
    text: textField(payload, 'prompt') ?? '',
    byUser: textField(payload, 'agent_id') === undefined,
    ...(turn === undefined ? {} : { id: label(turn) }),
  };
}

function call(payload: Payload): { callId: string; tool: string } {
  return {
    callId: label(textField(payload, 'tool_use_id') ?? ''),
    tool: label(textField(payload, 'tool_name') ?? 'unknown'),
  };
}

/** A shell, or a server's tool: what it does to files only a look at the worktree tells. */
function isOpaque(tool: string): boolean {
  return tool === 'Bash' || tool.startsWith('mcp__');
}

function callEnd(payload: Payload, cwd: string | null, context: AdapterContext): CallEnd<string> {
  const { callId, tool } = call(payload);
  return {
    kind: 'call-end',
    callId,
    tool,
    args: asText(payload['tool_input']),
    result: asText(payload['tool_response']),
    status: statusOf(tool, payload),
    shell: isOpaque(tool),
    writes: tool === 'apply_patch' ? writesOf(payload, cwd, context) : [],
    retrieved: retrievedBy(tool, objectField(payload, 'tool_input'), cwd, context),
  };
}

/** A failed command fires the same hook as one that went well, and its response is nothing but what it printed. */
function statusOf(tool: string, payload: Payload): CallEnd<string>['status'] {
  if (tool === 'Bash') return 'unknown';
  return objectField(payload, 'tool_response')['isError'] === true ? 'error' : 'ok';
}

function writesOf(payload: Payload, cwd: string | null, context: AdapterContext): Write[] {
  const patch = textField(objectField(payload, 'tool_input'), 'command') ?? '';
  return patchedFiles(patch).flatMap(({ path: file, deleted }) => {
    const path = context.pathInRepository(file, cwd);
    return path === null ? [] : [{ path, blob: null, ...(deleted ? { deleted } : {}) }];
  });
}

function retrievedBy(
  tool: string,
  input: Payload,
  cwd: string | null,
  context: AdapterContext,
): Retrieved<string>[] {
  if (tool === 'read_mcp_resource')
    return [{ kind: 'mcp', uriText: `${textField(input, 'server') ?? ''} ${textField(input, 'uri') ?? ''}` }];
  const file = tool === 'view_image' ? textField(input, 'path') : undefined;
  if (file === undefined) return [];
  const path = context.pathInRepository(file, cwd);
  return [path === null ? { kind: 'outside', uriText: file } : { kind: 'file', uri: path }];
}
