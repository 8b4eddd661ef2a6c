import { label } from './payload.ts';

/** An agent seen in the environment of a git hook. */
export interface DetectedAgent {
  readonly name: string;
  readonly sessionId: string | null;
  readonly version: string | null;
  /** Whose command it is, where the agent tells: the session's own id, or that of one of its sub-agents. */
  readonly loop?: string;
}

interface Mark {
  readonly agent: string;
  readonly session?: string;
  readonly flag?: string;
  readonly loop?: string;
  readonly version?: string;
}

/** What each agent leaves in the environment of the commands it runs; a session variable is stronger than a flag. */
const MARKS: readonly Mark[] = [
  { agent: 'claude-code', session: 'CLAUDE_CODE_SESSION_ID', flag: 'CLAUDECODE' },
  {
    agent: 'codex',
    session: 'CODEX_SESSION_ID',
    flag: 'CODEX_THREAD_ID',
    loop: 'CODEX_THREAD_ID',
    version: 'CODEX_VERSION',
  },
  {
    agent: 'copilot-cli',
    session: 'COPILOT_AGENT_SESSION_ID',
    flag: 'COPILOT_CLI',
    version: 'COPILOT_CLI_BINARY_VERSION',
  },
  { agent: 'amp', session: 'AMP_CURRENT_THREAD_ID' },
  { agent: 'cursor', session: 'CURSOR_CONVERSATION_ID', flag: 'CURSOR_AGENT' },
  { agent: 'gemini-cli', flag: 'GEMINI_CLI' },
  // opencode tells no session itself: the plugin we install does.
  { agent: 'opencode', session: 'AGENT_LOG_OPENCODE_SESSION', flag: 'OPENCODE' },
];

/**
 * What an agent sets in the environment of its own hooks and of nothing else, so that an event tells who sent it even
 * when another agent's hook file brought it here (Copilot and Devin run Claude Code's hooks too). The last that is set wins.
 */
export const HOOK_VARIABLES: readonly { readonly agent: string; readonly variable: string }[] = [
  { agent: 'cursor', variable: 'CURSOR_PROJECT_DIR' },
  { agent: 'devin', variable: 'DEVIN_PROJECT_DIR' },
  { agent: 'gemini-cli', variable: 'GEMINI_SESSION_ID' },
  { agent: 'copilot-cli', variable: 'COPILOT_PROJECT_DIR' },
];

/** Variables that hold the id of an agent's session, by agent. */
export const SESSION_VARIABLES: readonly { readonly agent: string; readonly variable: string }[] =
  MARKS.flatMap(({ agent, session }) => (session === undefined ? [] : [{ agent, variable: session }]));

/** Variables whose presence makes the installed git hooks go on: the transaction's own, and every mark. */
export const AGENT_VARIABLES: readonly string[] = [
  'AGENT_LOG_TXN',
  ...MARKS.flatMap(({ session, flag }) => [session, flag].filter((name) => name !== undefined)),
  'AI_AGENT',
];

export const COMMITTER_NAME = 'GIT_COMMITTER_NAME';
export const AIDER_SUFFIX = ' (aider)';

/** The agent the environment tells of; null when there is none. */
export function detectAgent(env: Readonly<Record<string, string | undefined>>): DetectedAgent | null {
  const mark =
    MARKS.find(({ session }) => session !== undefined && env[session]) ??
    MARKS.find(({ flag }) => flag !== undefined && env[flag]);
  const generic = parseAiAgent(env['AI_AGENT']);
  if (mark === undefined) return generic ?? byCommitter(env);
  const version = mark.version === undefined ? undefined : env[mark.version];
  const loop = mark.loop === undefined ? undefined : env[mark.loop];
  return {
    name: mark.agent,
    sessionId: mark.session !== undefined && env[mark.session] ? label(env[mark.session] ?? '') : null,
    version: version ?? (generic?.name === mark.agent ? generic.version : null),
    ...(loop ? { loop: label(loop) } : {}),
  };
}

/**
 * Aider sets no variable of its own, but commits as `Jane Doe (aider)`. The author's name is no sign: git gives hooks
 * the author of the commit a person amends.
 */
function byCommitter(env: Readonly<Record<string, string | undefined>>): DetectedAgent | null {
  if (env[COMMITTER_NAME]?.endsWith(AIDER_SUFFIX) !== true) return null;
  return { name: 'aider', sessionId: null, version: null };
}

/** `AI_AGENT=claude-code_2-1-330_agent`: name, version with dashes, role. */
function parseAiAgent(value: string | undefined): DetectedAgent | null {
  if (!value) return null;
  const match = /^(.+?)_(\d+(?:-\d+)*)(?:_\w+)?$/.exec(value);
  return {
    name: label(match?.[1] ?? value),
    sessionId: null,
    version: match?.[2]?.replaceAll('-', '.') ?? null,
  };
}
