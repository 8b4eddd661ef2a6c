import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { time } from './measure.mjs';

const SESSION = '98ba7ee1-54c8-47bb-b1fc-899fbd63f387';

/** What Claude Code leaves in the environment of the commands it runs. */
export const AGENT = {
  CLAUDECODE: '1',
  CLAUDE_CODE_SESSION_ID: SESSION,
  CLAUDE_CODE_ENTRYPOINT: 'cli',
  AI_AGENT: 'claude-code_2-1-330_agent',
};

/** Payloads of one turn as Claude Code 2.1 sends them, with how the hook is called; the commit is made in the last. */
export function turn(dir, transcript, n) {
  const common = (event) => ({
    session_id: SESSION,
    transcript_path: transcript,
    cwd: dir,
    ...(event === 'SessionStart'
      ? {}
      : { prompt_id: `55c7fa97-6c48-4510-83d4-${String(n).padStart(12, '0')}` }),
    permission_mode: 'default',
    hook_event_name: event,
  });
  const file = join(dir, 'file-1.txt');
  const [before, after] = [textOf(n - 1), textOf(n)];
  return [
    {
      look: true,
      payload: { ...common('UserPromptSubmit'), prompt: `please make change ${n} and commit it` },
    },
    {
      payload: {
        ...common('PostToolUse'),
        tool_name: 'Read',
        tool_input: { file_path: file },
        tool_response: {
          type: 'text',
          file: { filePath: file, content: before, numLines: 3, startLine: 1, totalLines: 3 },
        },
        tool_use_id: `toolu_01read${n}`,
        duration_ms: 4,
      },
    },
    { payload: edit(common('PostToolUse'), file, n) },
    {
      payload: {
        ...common('PostToolUse'),
        tool_name: 'Write',
        tool_input: { file_path: file, content: after },
        tool_response: {
          type: 'update',
          filePath: file,
          content: after,
          structuredPatch: [],
          originalFile: after,
          userModified: false,
        },
        tool_use_id: `toolu_01write${n}`,
        duration_ms: 11,
      },
    },
    {
      look: true,
      payload: {
        ...common('PreToolUse'),
        tool_name: 'Bash',
        tool_input: {
          command: `git add -A && git commit -m 'Change ${n}'`,
          description: 'Commit the change',
        },
        tool_use_id: `toolu_01bash${n}`,
      },
    },
  ];
}

export function textOf(n) {
  return `alpha\nbeta ${n}\n`;
}

function edit(common, file, n) {
  return {
    ...common,
    tool_name: 'Edit',
    tool_input: { file_path: file, old_string: `beta ${n - 1}`, new_string: `beta ${n}`, replace_all: false },
    tool_response: {
      filePath: file,
      oldString: `beta ${n - 1}`,
      newString: `beta ${n}`,
      originalFile: textOf(n - 1),
      structuredPatch: [
        {
          oldStart: 1,
          oldLines: 2,
          newStart: 1,
          newLines: 2,
          lines: [' alpha', `-beta ${n - 1}`, `+beta ${n}`],
        },
      ],
      userModified: false,
      replaceAll: false,
    },
    tool_use_id: `toolu_01edit${n}`,
    duration_ms: 9,
  };
}

/** The line of the transcript that tells of the running call. The agent has written it before the commit starts. */
export function transcriptLine(n) {
  return `${JSON.stringify({
    type: 'assistant',
    version: '2.1.330',
    message: {
      id: `msg_${n}`,
      model: 'claude-sonnet-4-5',
      content: [
        { type: 'text', text: `I commit change ${n}.` },
        { type: 'tool_use', id: `toolu_01bash${n}`, name: 'Bash', input: {} },
      ],
      usage: {
        input_tokens: 812,
        output_tokens: 96,
        cache_read_input_tokens: 18_200,
        cache_creation_input_tokens: 310,
      },
    },
  })}\n`;
}

export function spoolPath(repo) {
  return join(repo.dir, '.git', 'agent-log', 'bin', 'spool');
}

/** Hands a payload to the installed hook, as the agent does. */
export function callHook(repo, env, folder, { payload, look }) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'payload.json');
  writeFileSync(file, JSON.stringify(payload));
  return time(spoolPath(repo), ['claude-code', ...(look ? ['look'] : [])], {
    cwd: repo.dir,
    env,
    stdin: file,
  });
}
