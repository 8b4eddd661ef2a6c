import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codex } from '../../../lib/capture/agents/codex.ts';
import { patchedFiles } from '../../../lib/capture/agents/codex-patch.ts';
import { readCodexRollout } from '../../../lib/capture/agents/codex-rollout.ts';
import type { AdapterContext, AgentEvent } from '../../../lib/capture/agents/events.ts';
import { adapterFor } from '../../../lib/capture/agents/index.ts';
import type { Payload } from '../../../lib/capture/agents/payload.ts';
import { anyPayload } from '../../support/payloads.ts';

const fixtures = fileURLToPath(new URL('../../fixtures/codex/', import.meta.url));
const payload = (name: string): Payload =>
  JSON.parse(readFileSync(join(fixtures, `${name}.json`), 'utf8')) as Payload;

const context: AdapterContext = {
  format: 'sha1',
  pathInRepository: (path, cwd) => {
    const inside = relative('/repo', resolve(cwd ?? '/', path));
    return inside.startsWith('..') ? null : inside;
  },
};

function parse(fields: Payload): AgentEvent | null {
  return codex.parse(fields, 1000, context);
}

const patch = (...lines: string[]): Payload => ({
  ...payload('PostToolUse.apply_patch'),
  tool_input: { command: ['*** Begin Patch', ...lines, '*** End Patch', ''].join('\n') },
});

describe('Codex hooks', () => {
  const sent = { installedFor: 'claude-code', seen: null };

  it.each([
    'SessionStart',
    'UserPromptSubmit',
    'PreToolUse.Bash',
    'PostToolUse.apply_patch',
    'Stop',
    'SubagentStop',
    'SessionEnd',
  ])('%s is told from those of Claude Code, whatever file the hook was in', (name) => {
    expect(adapterFor(payload(name), sent)?.name).toBe('codex');
    expect(adapterFor({ ...payload(name), transcript_path: null }, sent)?.name).toBe('codex');
    expect(codex.recognises(payload(name), { ...sent, seen: 'copilot-cli' })).toBe(false);
  });

  it.each(['SessionStart', 'PostToolUse.Write', 'SessionEnd', 'Stop'])(
    'does not take %s of Claude Code',
    (name) => {
      const path = fileURLToPath(new URL(`../../fixtures/claude-code/${name}.json`, import.meta.url));
      const claudes = JSON.parse(readFileSync(path, 'utf8')) as Payload;
      expect(adapterFor(claudes, sent)?.name).toBe('claude-code');
    },
  );

  it.each([
    ['SessionStart', { kind: 'start', source: 'startup' }],
    [
      'UserPromptSubmit',
      {
        kind: 'prompt',
        byUser: true,
        text: 'please write two files and commit them',
        id: expect.any(String),
      },
    ],
    [
      'PreToolUse.Bash',
      { kind: 'call-start', tool: 'Bash', shell: true, callId: expect.stringMatching(/^call_/) },
    ],
    ['PreToolUse.apply_patch', { kind: 'call-start', tool: 'apply_patch', shell: false }],
    [
      'PostToolUse.Bash.failed',
      {
        kind: 'call-end',
        status: 'unknown',
        shell: true,
        result: "ls: cannot access '/no/such/place': No such file or directory\n",
      },
    ],
    [
      'PostToolUse.apply_patch',
      {
        kind: 'call-end',
        status: 'ok',
        shell: false,
        writes: [
          { path: 'first.txt', blob: null, deleted: true },
          { path: 'd/second.txt', blob: null },
          { path: 'third.txt', blob: null },
        ],
      },
    ],
    ['PostToolUse.mcp', { kind: 'call-end', tool: 'mcp__files__put', status: 'ok', shell: true }],
    [
      'PostToolUse.read_mcp_resource',
      { kind: 'call-end', status: 'ok', retrieved: [{ kind: 'mcp', uriText: 'files note://one' }] },
    ],
    ['Stop', { kind: 'stop' }],
    ['SessionEnd', { kind: 'end' }],
  ])('%s', (name, what) => {
    const event = parse(payload(name));
    expect(event).toMatchObject({ at: 1000, agent: 'codex', cwd: '/repo', what });
    expect(event?.transcript).toMatch(/rollout-.*\.jsonl$/);
  });

  it('name the sub-agent, its transcript, and its parent as the one who asked it', () => {
    const subagent = {
      id: '01a201c8-1063-7b72-8165-efa2b6f21c97',
      type: 'default',
      transcript: expect.stringMatching(/efa2b6f21c97\.jsonl$/),
    };
    for (const name of ['UserPromptSubmit.subagent', 'PostToolUse.apply_patch.subagent', 'SubagentStop']) {
      const event = parse(payload(name));
      expect(event).toMatchObject({ sessionId: '01a201c8-0dbd-77d0-83a2-300b0a915ff1', subagent });
      expect(event).not.toHaveProperty('transcript');
    }
    expect(parse(payload('UserPromptSubmit.subagent'))).toMatchObject({ what: { byUser: false } });
  });

  it('leave files outside the repository out of what was written', () => {
    expect(parse(patch('*** Add File: /etc/x', '+x', '*** Add File: in.txt', '+x'))).toMatchObject({
      what: { writes: [{ path: 'in.txt', blob: null }] },
    });
  });

  it('say when a server refused', () => {
    expect(parse({ ...payload('PostToolUse.mcp'), tool_response: { isError: true } })).toMatchObject({
      what: { status: 'error' },
    });
  });

  it('never throw, whatever a payload holds', () => {
    const events = ['SessionStart', 'UserPromptSubmit', 'PreToolUse', 'PostToolUse', 'SubagentStop', 'Odd'];
    const tools = ['Bash', 'apply_patch', 'view_image', 'read_mcp_resource', 'mcp__a__b'];
    const any = anyPayload({
      hook_event_name: events,
      session_id: ['s'],
      tool_name: tools,
      tool_input: ['command', 'path', 'server'],
      tool_response: ['isError'],
      agent_id: ['a'],
      turn_id: ['t'],
    });
    fc.assert(
      fc.property(any, (fields) => {
        codex.recognises(fields, sent);
        parse(fields);
      }),
      { numRuns: 500 },
    );
  });
});

describe('patchedFiles', () => {
  it('takes a line of a file for no header', () => {
    const lines = ['*** Begin Patch', '*** Add File: a', '+*** Delete File: b', '*** End Patch'];
    expect(patchedFiles(lines.join('\n'))).toEqual([{ path: 'a', deleted: false }]);
  });

  it('tells what is left of a file that is moved twice, or comes back', () => {
    const text = ['*** Update File: a', '*** Move to: b', '*** Delete File: c', '*** Add File: c', '+x'].join(
      '\r\n',
    );
    expect(patchedFiles(text)).toEqual([
      { path: 'a', deleted: true },
      { path: 'b', deleted: false },
      { path: 'c', deleted: false },
    ]);
  });

  it('never throws', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom('*** Move to: x', '*** Update File: y', '*** Add File: '),
    );
    fc.assert(fc.property(fc.array(line), (lines) => void patchedFiles(lines.join('\n'))));
  });
});

describe('the rollout', () => {
  it('tells version, model, usage once per response, the last words, and how calls ended', async () => {
    const reading = await readCodexRollout(join(fixtures, 'rollout.jsonl'), 0);
    expect(reading).toMatchObject({ version: '0.169.0', model: 'gpt-5.5', said: 'Done.', gap: null });
    expect([...(reading?.usage.values() ?? [])]).toEqual(
      Array.from({ length: 9 }, () => ({
        inputTokens: 70,
        outputTokens: 10,
        cacheReadInputTokens: 30,
        cacheCreationInputTokens: 0,
      })),
    );
    const statuses = [...(reading?.calls ?? [])].map((id) => reading?.outcomes?.get(id)?.status);
    // A patch, one that did not fit, a patch, one by a shell, a failed ls, one in the background, no such process, a commit.
    expect(statuses).toEqual(['ok', 'error', 'ok', 'ok', 'error', 'ok', 'error', 'ok']);
    const files = [...(reading?.outcomes?.values() ?? [])].flatMap((outcome) => outcome.files);
    expect(files.map(({ path, deleted }) => `${deleted ? '-' : '+'}${path}`).sort()).toEqual([
      '+/repo/d/second.txt',
      '+/repo/first.txt',
      '+/repo/sh.txt',
      '+/repo/third.txt',
      '-/repo/first.txt',
      '-/repo/third.txt',
    ]);
  });

  it('leaves a command that went to the background open until it ends', async () => {
    const text = readFileSync(join(fixtures, 'rollout.jsonl'), 'utf8');
    const background = /"call_id":"([^"]+)","output":"[^"]*Process running/.exec(text)?.[1] ?? '';
    const reading = await readCodexRollout(join(fixtures, 'rollout.jsonl'), 0);
    const at = reading?.outcomes?.get(background)?.at ?? 0;
    const told = text.split('\n').find((line) => line.includes('Process running')) ?? '';
    expect(at).toBeGreaterThan(Date.parse((JSON.parse(told) as { timestamp: string }).timestamp));
  });
});
