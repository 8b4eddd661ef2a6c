import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { ShowDocument } from '../../../lib/ledger/reading/describe.ts';
import { type Step, startModelServer } from '../models/anthropic.ts';
import { install } from '../recorded.ts';
import { makeRepo, type TestRepo, writeScript } from '../repo.ts';
import { showOf } from '../seal.ts';
import { eventually } from '../wait.ts';
import { CLAUDE_CODE, type ClaudeRun, runClaude } from './claude-code.ts';
import { installClient } from './install.ts';
import type { ClientResult } from './run.ts';

const CACHE =
  process.env['AGENT_CLIENT_CACHE'] ?? fileURLToPath(new URL('../../../.cache/agents', import.meta.url));

/** What the scripted model calls itself where a session names no other. */
export const MODEL = 'claude-sonnet-4-5-20250929';

/** Time for all sessions of a suite, on a machine that does other things, too. */
export const SETUP_MS = 240_000;

const TOOLS = ['Bash', 'Read', 'Write', 'Edit', 'Agent'];

const client = await installClient(CACHE, CLAUDE_CODE);

/** The pinned client's program. Call it where `haveClaude` says yes. */
export function claudeProgram(): string {
  return client.ok ? client.bin : '';
}

/** Whether the pinned client is here; when not, whoever asks is told why. */
export function haveClaude(suite: string): boolean {
  if (!client.ok) process.stderr.write(`SKIPPED: ${suite}: ${client.reason}: ${client.detail}\n`);
  return client.ok;
}

export interface SessionRun
  extends Partial<Pick<ClaudeRun, 'cwd' | 'extraArgs' | 'extraEnv' | 'allowedTools' | 'model'>> {
  readonly subagent?: readonly Step[];
  /** False for a run that is not meant to take every step. */
  readonly wholeScript?: boolean;
}

export interface SessionResult extends ClientResult {
  readonly sessionId: string;
}

/** One headless session of the real client, answered by a script; fails unless the client took every step of it. */
export async function session(
  repo: TestRepo,
  prompt: string,
  script: readonly Step[],
  options: SessionRun = {},
): Promise<SessionResult> {
  const { subagent, wholeScript = true, ...run } = options;
  const server = await startModelServer(script, { subagentScript: subagent ?? [] });
  try {
    const result = await runClaude({
      bin: client.ok ? client.bin : '',
      cwd: repo.dir,
      home: repo.home,
      modelUrl: server.url,
      prompt,
      model: MODEL,
      allowedTools: TOOLS,
      timeoutMs: 90_000,
      ...run,
    });
    expect(result.exitCode, result.stderr).toBe(0);
    if (wholeScript) expect(server.remaining()).toBe(0);
    const sessionId = result.events.map((event) => event['session_id']).find((id) => typeof id === 'string');
    return { ...result, sessionId: typeof sessionId === 'string' ? sessionId : '' };
  } finally {
    await server.close();
  }
}

/** A repository with everything wired, in which sessions can be run; `hooks` are the user's own. */
export async function stage(hooks: Readonly<Record<string, string>> = {}): Promise<TestRepo> {
  const repo = await makeRepo();
  for (const [name, script] of Object.entries(hooks))
    await writeScript(repo.path('.git/hooks', name), script);
  await install(repo);
  return repo;
}

/** Takes a repository away once the background work of its last hooks is over. `waiting`: records that stay pending. */
export async function strike(repo: TestRepo, waiting = 0): Promise<void> {
  const list =
    'ls -d .git/agent-log/lock .git/agent-log/pending/* .git/agent-log/spool/*.json 2>/dev/null || true';
  await eventually(async () => {
    const { stdout } = await repo.exec('sh', ['-c', list]);
    return stdout.split('\n').filter(Boolean).length <= waiting;
  });
  await repo.remove();
}

/** The commit with this subject on any branch, as `show` tells it once it is bound. */
export async function shownBySubject(repo: TestRepo, subject: string): Promise<ShowDocument> {
  const found = await repo.git('log', '--branches', '-1', '--format=%H', `--grep=^${subject}$`);
  await eventually(async () => (await showOf(repo, found)).binding !== 'none');
  return showOf(repo, found);
}

/** A step in which the shell commits all there is. */
export function commits(subject: string, before = ''): Step {
  return { tool: 'Bash', input: { command: `${before}git add -A && git commit -q -m "${subject}"` } };
}

/** A step in which a file is written. */
export function writes(path: string, content: string): Step {
  return { tool: 'Write', input: { file_path: path, content } };
}
