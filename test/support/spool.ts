import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AGENT_ENV } from './recorded.ts';
import type { Outcome, TestRepo } from './repo.ts';

/** A payload with the fields every hook of Claude Code sends. */
export function payload(repo: TestRepo, event: string, fields: object = {}): Record<string, unknown> {
  return {
    session_id: AGENT_ENV['CLAUDE_CODE_SESSION_ID'],
    transcript_path: join(repo.home, 'transcript.jsonl'),
    cwd: repo.dir,
    hook_event_name: event,
    ...fields,
  };
}

/** Pipes a payload, or any text, into the installed spool script, as the agent's hook does. */
export function spool(repo: TestRepo, what: object | string, mode?: 'look' | 'stop'): Promise<Outcome> {
  const input = typeof what === 'string' ? what : JSON.stringify(what);
  const args = ['claude-code', ...(mode === undefined ? [] : [mode])];
  return repo.exec(repo.path('.git/agent-log/bin/spool'), args, { env: AGENT_ENV, input });
}

/** A session that has begun and was asked something. */
export async function ask(repo: TestRepo, prompt: string): Promise<void> {
  await spool(repo, payload(repo, 'SessionStart', { source: 'startup' }), 'look');
  await spool(repo, payload(repo, 'UserPromptSubmit', { prompt, prompt_id: 'p1' }), 'look');
}

/** The agent's edit tool writes a file. */
export async function toolWrites(repo: TestRepo, path: string, content: string): Promise<void> {
  await mkdir(join(repo.path(path), '..'), { recursive: true });
  await writeFile(repo.path(path), content);
  const call = {
    tool_name: 'Write',
    tool_input: { file_path: repo.path(path), content },
    tool_use_id: `toolu_${Buffer.from(path).toString('hex')}`,
  };
  await spool(
    repo,
    payload(repo, 'PostToolUse', {
      ...call,
      tool_response: { type: 'create', filePath: repo.path(path), content, structuredPatch: [] },
      duration_ms: 6,
    }),
  );
}
