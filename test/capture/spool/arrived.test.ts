import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claudeCode } from '../../../lib/capture/agents/claude-code.ts';
import type { AdapterContext, AgentEvent } from '../../../lib/capture/agents/events.ts';
import { newSession, type SessionState } from '../../../lib/capture/session/session.ts';
import { type Arrived, foldArrived } from '../../../lib/capture/spool/arrived.ts';
import { PII_DEFAULTS } from '../../../lib/core/secrets/pii.ts';
import type { Repository } from '../../../lib/git/repository/repository.ts';

const SECRET = ['ghp_', 'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'].join('');
const context: AdapterContext = { format: 'sha1', pathInRepository: (path) => path };

let folder = '';
let repo: Repository;
let state: SessionState;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'arrived-'));
  repo = { cwd: folder, top: folder, gitDir: folder, commonDir: folder, format: 'sha1' };
  state = newSession('key', 'claude-code', 's');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A transcript in which the model of this name says something. */
async function transcript(name: string, model: string, text: string): Promise<string> {
  const path = join(folder, name);
  const message = { id: `msg of ${name}`, model, content: [{ type: 'text', text }], usage: {} };
  await writeFile(path, `${JSON.stringify({ type: 'assistant', version: '2.1.330', message })}\n`);
  return path;
}

function arrived(payload: object): Arrived {
  const event = claudeCode.parse({ session_id: 's', ...payload }, 1_000, context) as AgentEvent;
  return { mark: '1', route: 'claude-code', tooLarge: false, event };
}

describe('events and the transcripts they name', () => {
  it('are taken in at one look: a transcript is read that only an event of this look names', async () => {
    const path = await transcript('own.jsonl', 'claude-opus-4-1', `the token is ${SECRET}`);
    const prompt = arrived({
      hook_event_name: 'UserPromptSubmit',
      transcript_path: path,
      prompt: `use ${SECRET}`,
    });
    const taken = await foldArrived(repo, context, state, [prompt], PII_DEFAULTS);
    expect(state).toMatchObject({ model: 'claude-opus-4-1', transcript: { path } });
    expect(state.transcript?.offset).toBeGreaterThan(0);
    const texts = taken?.stored.map(({ kind, digest, text }) => [kind, digest, text]);
    expect(texts).toEqual([
      ['prompt', state.currentPrompt?.digest, 'use [redacted:github]'],
      ['reason', state.said?.digest, 'the token is [redacted:github]'],
    ]);
    expect(taken?.redactions).toEqual([{ rule: 'github', count: 2 }]);
  });

  it('say nothing of the session itself where they are those of a sub-agent that is forgotten for newer ones', async () => {
    const old = await transcript('old.jsonl', 'claude-haiku-4-5', 'of a sub-agent');
    for (let n = 0; n < 200; n++) {
      const path = n === 0 ? old : join(folder, `none-${n}`);
      const known = { promptSeq: 0, branch: null, model: null, said: null };
      state.subagents.set(`${n}`, { id: `${n}`, transcript: { path, offset: 0 }, ...known });
    }
    state.transcript = { path: join(folder, 'none'), offset: 7 };
    const call = { tool_name: 'Read', tool_input: {}, tool_response: {}, tool_use_id: 'toolu_1' };
    const newer = arrived({ hook_event_name: 'PostToolUse', agent_id: 'new', agent_type: 'any', ...call });
    await foldArrived(repo, context, state, [newer], PII_DEFAULTS);
    expect([...state.subagents.keys()].slice(-2)).toEqual(['199', 'new']);
    expect(state.subagents.has('0')).toBe(false);
    expect(state).toMatchObject({ model: null, said: null, transcript: { offset: 7 } });
  });
});
