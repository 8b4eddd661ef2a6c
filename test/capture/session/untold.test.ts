import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codex } from '../../../lib/capture/agents/codex.ts';
import type { AdapterContext, AgentEvent } from '../../../lib/capture/agents/events.ts';
import { newSession, type SessionState } from '../../../lib/capture/session/session.ts';
import type { Snapshot } from '../../../lib/capture/session/snapshot.ts';
import { stateFromJson, stateToJson } from '../../../lib/capture/session/state-json.ts';
import { type Arrived, foldArrived } from '../../../lib/capture/spool/arrived.ts';
import { PII_DEFAULTS } from '../../../lib/core/secrets/pii.ts';
import type { Repository } from '../../../lib/git/repository/repository.ts';

const MADE = '1'.repeat(40);
const BEGIN = Date.parse('2026-01-01T00:00:00.000Z');
const context: AdapterContext = { format: 'sha1', pathInRepository: (path) => path };

let folder = '';
let rollout = '';
let repo: Repository;
let state: SessionState;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'untold-'));
  rollout = join(folder, 'rollout-1.jsonl');
  repo = { cwd: folder, top: folder, gitDir: folder, commonDir: folder, format: 'sha1' };
  state = newSession('key', 'codex', 's');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const look = (files: Record<string, string> = {}): Snapshot => ({
  top: '/repo',
  head: MADE,
  branch: 'main',
  files: new Map(Object.entries(files)),
  cut: false,
});

/** An event as Codex's hook tells it, `ms` after the beginning. */
function hook(ms: number, name: string, fields: object, files?: Record<string, string>): Arrived {
  const payload = {
    hook_event_name: name,
    session_id: 's',
    turn_id: 't',
    transcript_path: rollout,
    ...fields,
  };
  const event = codex.parse(payload, BEGIN + ms, context) as AgentEvent;
  const seen = files === undefined ? event : { ...event, snapshot: look(files) };
  return { mark: `${ms}`, route: 'codex', tooLarge: false, event: seen };
}

const put = { tool_name: 'mcp__files__put', tool_input: {}, tool_use_id: 'put' };
const bash = { tool_name: 'Bash', tool_input: { command: 'true' }, tool_use_id: 'bash' };
const patch = { tool_name: 'apply_patch', tool_input: {}, tool_use_id: 'patch' };

async function told(ms: number, type: string, payload: object): Promise<void> {
  const timestamp = new Date(BEGIN + ms).toISOString();
  await appendFile(rollout, `${JSON.stringify({ timestamp, type, payload })}\n`);
}

const item = (ms: number, fields: object): Promise<void> =>
  told(ms, 'event_msg', { type: 'item_completed', item: fields, completed_at_ms: BEGIN + ms });
const output = (ms: number, call_id: string): Promise<void> =>
  told(ms, 'response_item', { type: 'function_call_output', call_id, output: 'it does not fit' });

/** One look of ours at what was spooled meanwhile; the session is kept as JSON in between. */
async function takeIn(...arrived: Arrived[]): Promise<void> {
  await foldArrived(repo, context, state, arrived, PII_DEFAULTS);
  state = stateFromJson(stateToJson(state)) as SessionState;
}

const calls = (): unknown[] => state.calls.map(({ id, status }) => [id, status]);

describe('a transcript that is ahead of the hooks', () => {
  it("ends no call whose hook is on its way: what the hook saw is the call's", async () => {
    await item(20, { type: 'McpToolCall', id: 'put', status: 'completed' });
    await output(30, 'put');
    await takeIn(hook(10, 'PreToolUse', put, {}));
    expect(state.open.has('put')).toBe(true);
    await takeIn(hook(25, 'PostToolUse', { ...put, tool_response: {} }, { 'served.txt': MADE }));
    expect(state.writes.get('served.txt')).toEqual([{ by: 'shell', blob: MADE }]);
    expect(calls()).toEqual([['put', 'ok']]);
  });

  it('keeps the look for a hook that comes after something later', async () => {
    await item(20, { type: 'McpToolCall', id: 'put', status: 'failed' });
    await takeIn(hook(10, 'PreToolUse', put, {}), hook(40, 'PreToolUse', bash, { 'served.txt': MADE }));
    expect(calls()).toEqual([['put', 'error']]);
    await takeIn(hook(25, 'PostToolUse', { ...put, tool_response: {} }, { 'served.txt': MADE }));
    expect(state.writes.get('served.txt')).toEqual([{ by: 'shell', blob: MADE }]);
  });

  it('tells how a command ended, whichever of the two is read first', async () => {
    await item(20, { type: 'CommandExecution', id: 'bash', status: 'failed' });
    await takeIn();
    await takeIn(hook(10, 'PreToolUse', bash, {}));
    await takeIn(hook(25, 'PostToolUse', { ...bash, tool_response: '' }, {}));
    expect(calls()).toEqual([['bash', 'error']]);
  });

  it('ends a call no hook tells the end of once something later is told', async () => {
    await output(20, 'patch');
    await takeIn(hook(10, 'PreToolUse', patch));
    expect(state.open.has('patch')).toBe(true);
    await takeIn(hook(40, 'PreToolUse', bash, {}));
    expect(calls()).toEqual([['patch', 'error']]);
    expect([...state.open.keys()]).toEqual(['bash']);
  });
});
