import { readFileSync } from 'node:fs';
import { appendFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claudeCode } from '../../../lib/capture/agents/claude-code.ts';
import { readClaudeTranscript } from '../../../lib/capture/agents/claude-transcript.ts';
import { detectAgent } from '../../../lib/capture/agents/detect.ts';
import type { AdapterContext, AgentEvent } from '../../../lib/capture/agents/events.ts';
import { label, type Payload, plainUrl } from '../../../lib/capture/agents/payload.ts';
import { blobId } from '../../../lib/core/digest.ts';

const fixtures = fileURLToPath(new URL('../../fixtures/claude-code/', import.meta.url));
const payload = (name: string): Payload =>
  JSON.parse(readFileSync(join(fixtures, `${name}.json`), 'utf8')) as Payload;
const blob = (text: string): string => blobId(Buffer.from(text), 'sha1');

const context: AdapterContext = {
  format: 'sha1',
  pathInRepository: (path, cwd) => {
    const inside = relative('/repo', resolve(cwd ?? '/', path));
    return inside.startsWith('..') ? null : inside;
  },
};

function parse(fields: Payload): AgentEvent | null {
  return claudeCode.parse(fields, 1000, context);
}

const tool = (name: string, input: unknown, response: unknown = {}): Payload => ({
  ...payload('PostToolUse.Write'),
  tool_name: name,
  tool_input: input,
  tool_response: response,
});

describe('Claude Code hooks', () => {
  it('are told from other payloads', () => {
    const sent = { installedFor: 'claude-code', seen: null };
    expect(claudeCode.recognises(payload('Stop'), sent)).toBe(true);
    expect(claudeCode.recognises({ session_id: 's' }, sent)).toBe(false);
    expect(claudeCode.recognises(payload('Stop'), { ...sent, seen: 'copilot-cli' })).toBe(false);
    expect(parse({ ...payload('Stop'), hook_event_name: 'SomethingNew' })).toBeNull();
  });

  it.each([
    ['SessionStart', { kind: 'start', source: 'startup' }],
    [
      'UserPromptSubmit',
      {
        kind: 'prompt',
        byUser: true,
        text: 'please write two files and commit them',
        id: '55c7fa97-6c48-4510-83d4-bb2bebf161e3',
      },
    ],
    ['InstructionsLoaded', { kind: 'context', items: [{ kind: 'instructions', uri: 'CLAUDE.md' }] }],
    [
      'PreToolUse.Bash',
      { kind: 'call-start', callId: 'toolu_01Wi66fWcU9A7R2PSrCVBj6E', tool: 'Bash', shell: true },
    ],
    ['PostToolUse.Bash', { kind: 'call-end', status: 'ok', shell: true, durationMs: 211, writes: [] }],
    [
      'PostToolUseFailure.Bash',
      {
        kind: 'call-end',
        status: 'error',
        result: "Exit code 2\nls: cannot access '/no/such/place': No such file or directory",
      },
    ],
    [
      'PostToolUse.Write',
      { kind: 'call-end', writes: [{ path: 'first.txt', blob: blob('alpha\nbeta\n') }], shell: false },
    ],
    ['PostToolUse.Edit', { kind: 'call-end', writes: [{ path: 'first.txt', blob: blob('alpha\ngamma\n') }] }],
    [
      'PostToolUse.Read',
      { kind: 'call-end', retrieved: [{ kind: 'file', uri: 'first.txt', blob: blob('alpha\nbeta\n') }] },
    ],
    ['Stop', { kind: 'stop' }],
    ['SessionEnd', { kind: 'end' }],
  ])('%s', (name, what) => {
    const event = parse(payload(name));
    expect(event).toMatchObject({ at: 1000, agent: 'claude-code', cwd: '/repo', what });
    expect(event?.transcript).toMatch(/\.jsonl$/);
  });

  it('name the sub-agent that did the work', () => {
    expect(parse(payload('PostToolUse.Write.subagent'))).toMatchObject({
      subagent: { id: 'ad0810d0c86072d20', type: 'general-purpose' },
      what: { writes: [{ path: 'sub.txt', blob: blob('sub\n') }] },
    });
  });

  it('take a finished background task for no question of the user', () => {
    expect(
      parse({ ...payload('UserPromptSubmit'), prompt: '<task-notification>done</task-notification>' }),
    ).toMatchObject({ what: { byUser: false } });
  });

  it.each([
    ['the first of several', { old_string: 'a', new_string: 'b' }, 'a a', 'b a'],
    ['all of them', { old_string: 'a', new_string: 'b', replace_all: true }, 'a a', 'b b'],
    [
      'text that looks like a pattern',
      { old_string: '$&', new_string: '$1 $& $$' },
      'x $& y',
      'x $1 $& $$ y',
    ],
    [
      'several edits in order',
      {
        edits: [
          { old_string: 'a', new_string: 'b' },
          { old_string: 'b', new_string: 'c' },
        ],
      },
      'a',
      'c',
    ],
    ['an empty file', { old_string: '', new_string: 'made\n' }, '', 'made\n'],
  ])('tell the file after an edit: %s', (_, edit, originalFile, after) => {
    const event = parse(tool('Edit', { file_path: '/repo/f', ...edit }, { originalFile }));
    expect(event).toMatchObject({ what: { writes: [{ path: 'f', blob: blob(after) }] } });
  });

  it.each([
    ['Edit', { file_path: '/repo/f', old_string: 'a', new_string: 'b' }, { originalFile: null }],
    ['Edit', { file_path: '/repo/f', old_string: 'not there', new_string: 'b' }, { originalFile: 'a' }],
    ['NotebookEdit', { notebook_path: '/repo/f' }, {}],
  ])('do not guess what they do not tell: %s %j', (name, input, response) => {
    expect(parse(tool(name, input, response))).toMatchObject({
      what: { writes: [{ path: 'f', blob: null }] },
    });
  });

  it('leave files outside the repository out of what was written, and their names out of records', () => {
    expect(parse(tool('Write', { file_path: '/etc/x', content: 'x' }))).toMatchObject({
      what: { writes: [] },
    });
    expect(
      parse(tool('Read', { file_path: '/home/user/.secret' }, { file: { content: 'x' } })),
    ).toMatchObject({ what: { retrieved: [{ kind: 'outside', uriText: '/home/user/.secret' }] } });
  });

  it('know a part of a file from the whole', () => {
    const file = { content: 'b\n', numLines: 1, startLine: 2, totalLines: 3 };
    expect(parse(tool('Read', { file_path: '/repo/f' }, { file }))).toMatchObject({
      what: { retrieved: [{ kind: 'file', uri: 'f', partial: true }] },
    });
  });

  it('keep secrets of a URL out of its plain form', () => {
    const url = 'https://user:pw@example.com/a/b?token=s#frag';
    expect(parse(tool('WebFetch', { url }))).toMatchObject({
      what: { retrieved: [{ kind: 'url', uri: 'https://example.com/a/b', uriText: url }] },
    });
    expect(plainUrl('no url')).toBeUndefined();
  });

  it('keep the file an edit tool wrote elsewhere for the repository it lies in', () => {
    expect(parse(tool('Write', { file_path: '/other/x', content: 'x' }))).toMatchObject({
      what: { writes: [], elsewhere: [{ file: '/other/x', blob: blob('x') }] },
    });
  });

  it("tell a sub-agent with its transcript, and none from a compaction's", () => {
    const fields = {
      ...payload('Stop'),
      hook_event_name: 'SubagentStop',
      agent_id: 'a1',
      transcript_path: '/t/s.jsonl',
    };
    expect(parse({ ...fields, agent_type: 'Explore' })).toMatchObject({
      subagent: { id: 'a1', type: 'Explore', transcript: '/t/s/subagents/agent-a1.jsonl' },
      what: { kind: 'stop' },
    });
    expect(parse({ ...fields, agent_type: '' })).toBeNull();
  });

  it('path traversal: an agent id names no transcript outside the folder', () => {
    const fields = {
      ...payload('Stop'),
      hook_event_name: 'SubagentStart',
      agent_type: 'x',
      transcript_path: '/t/s.jsonl',
    };
    for (const id of ['../../etc/x', 'a/b', '..', ''])
      expect(parse({ ...fields, agent_id: id })?.subagent?.transcript).toBeUndefined();
  });

  it('keep secrets of an MCP address, and paths of this machine, out of its plain form', () => {
    const read = (uri: string) => parse(tool('ReadMcpResourceTool', { server: 's', uri }));
    expect(read('notes://u:pw@host/a?token=t')).toMatchObject({
      what: { retrieved: [{ kind: 'mcp', uri: 'notes://host/a', uriText: 's notes://u:pw@host/a?token=t' }] },
    });
    const file = read('file:///home/user/x');
    expect(file).toMatchObject({ what: { retrieved: [{ kind: 'mcp', uriText: 's file:///home/user/x' }] } });
    expect(JSON.stringify(file)).not.toContain('"uri":');
  });

  it('never throw, whatever a payload holds', () => {
    const value = fc.oneof(fc.anything(), fc.constantFrom('Write', 'Edit', 'Read', 'WebFetch', '/repo/f'));
    const fields = fc.record({
      hook_event_name: fc.constantFrom(
        'SessionStart',
        'UserPromptSubmit',
        'PreToolUse',
        'PostToolUse',
        'PostToolUseFailure',
        'InstructionsLoaded',
      ),
      session_id: fc.constant('s'),
      tool_name: fc.oneof(
        value,
        fc.constantFrom('Write', 'Edit', 'MultiEdit', 'Read', 'WebFetch', 'WebSearch', 'ReadMcpResourceTool'),
      ),
      tool_input: fc.oneof(
        value,
        fc.dictionary(
          fc.constantFrom('file_path', 'content', 'url', 'edits', 'old_string', 'query'),
          fc.jsonValue(),
        ),
      ),
      tool_response: fc.oneof(value, fc.dictionary(fc.constantFrom('originalFile', 'file'), fc.jsonValue())),
      prompt: value,
      file_path: value,
      cwd: value,
      tool_use_id: value,
    });
    // What arrives is JSON.
    const json = fields.map(
      (any) =>
        JSON.parse(
          JSON.stringify(any, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v)),
        ) as Payload,
    );
    fc.assert(
      fc.property(json, (any) => void parse(any)),
      { numRuns: 500 },
    );
  });
});

describe('the transcript', () => {
  let folder: string;
  let path: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'agent-log-'));
    path = join(folder, 't.jsonl');
  });
  afterAll(() => rm(folder, { recursive: true }));

  const said = (id: string, text: string, tokens = 1): string =>
    `${JSON.stringify({ type: 'assistant', version: '2.1', message: { id, model: 'm', content: [{ type: 'text', text }], usage: { input_tokens: tokens, output_tokens: 1 } } })}\n`;

  it('of a session tells model, version, usage once per message, calls and the last words', async () => {
    const reading = await readClaudeTranscript(join(fixtures, 'transcript.jsonl'), 0);
    expect(reading).toMatchObject({
      version: '2.1.330',
      model: 'claude-sonnet-4-5-20250929',
      said: 'Both commits are made.',
      gap: null,
    });
    expect([...(reading?.usage.values() ?? [])].map(({ inputTokens }) => inputTokens)).toEqual([
      100, 100, 100, 100, 100, 777, 100,
    ]);
    expect(reading?.calls).toContain('toolu_01Wi66fWcU9A7R2PSrCVBj6E');
    expect(reading?.offset).toBe(readFileSync(join(fixtures, 'transcript.jsonl')).length);
  });

  it('is read on from where it was left, a half line when it is whole', async () => {
    const line = said('m2', 'zwöi 🐙');
    const half = Buffer.from(line).subarray(0, Buffer.byteLength(line) - 12);
    await writeFile(path, said('m1', 'one'));
    await appendFile(path, half);
    const first = await readClaudeTranscript(path, 0);
    expect(first).toMatchObject({ said: 'one', offset: Buffer.byteLength(said('m1', 'one')) });
    await appendFile(path, Buffer.from(line).subarray(half.length));
    const second = await readClaudeTranscript(path, first?.offset ?? 0);
    expect(second).toMatchObject({ said: 'zwöi 🐙', usage: new Map([['m2', expect.anything()]]) });
    expect(await readClaudeTranscript(path, second?.offset ?? 0)).toMatchObject({
      said: null,
      offset: second?.offset,
    });
  });

  it('that was started over is read from its beginning', async () => {
    await writeFile(path, said('m1', 'x'.repeat(500)));
    await truncate(path, 0);
    await appendFile(path, said('m9', 'anew'));
    expect(await readClaudeTranscript(path, 10_000)).toMatchObject({ said: 'anew' });
  });

  it('over 16 MB is read from its end, and says what was not', async () => {
    const filler = `${'x'.repeat(1024 * 1024)}\n`;
    await writeFile(path, said('m1', 'first') + filler.repeat(17) + said('m2', 'last'));
    const reading = await readClaudeTranscript(path, 0);
    expect(reading?.said).toBe('last');
    expect([...(reading?.usage.keys() ?? [])]).toEqual(['m2']);
    expect(reading?.gap).toMatch(/^transcript: \d+ bytes were not read$/);
  });

  it('with lines that are no transcript is read past them', async () => {
    await writeFile(
      path,
      `{"assistant"\n"assistant"\n["assistant"]\n{"type":"assistant","message":"assistant"}\n{"type":"assistant","message":{"model":"<synthetic>","content":[{"type":"text","text":"no"}]}}\n${said('m1', 'yes')}`,
    );
    expect(await readClaudeTranscript(path, 0)).toMatchObject({ said: 'yes', model: 'm' });
    await writeFile(
      path,
      '{"type":"assistant","message":{"id":"m1","model":"m","content":[null,"assistant",{"type":"text"}]}}\n',
    );
    expect(await readClaudeTranscript(path, 0)).toMatchObject({ model: 'm' });
  });

  it('that is none, or no file, is none', async () => {
    expect(await readClaudeTranscript(join(folder, 'none.jsonl'), 0)).toBeNull();
    expect(await readClaudeTranscript('/etc/passwd', 0)).toBeNull();
    expect(await readClaudeTranscript(`${folder}/.jsonl/`, 0)).toBeNull();
  });
});

describe('detectAgent', () => {
  it.each([
    [{}, null],
    [{ CLAUDECODE: '1' }, { name: 'claude-code', sessionId: null, version: null }],
    [
      { CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: 's', AI_AGENT: 'claude-code_2-1-330_agent' },
      { name: 'claude-code', sessionId: 's', version: '2.1.330' },
    ],
    [
      { CLAUDECODE: '1', CODEX_SESSION_ID: 'c', CODEX_VERSION: '0.5' },
      { name: 'codex', sessionId: 'c', version: '0.5' },
    ],
    [
      { CODEX_SESSION_ID: 'root', CODEX_THREAD_ID: 'child' },
      { name: 'codex', sessionId: 'root', version: null, loop: 'child' },
    ],
    [{ AI_AGENT: 'my-agent' }, { name: 'my-agent', sessionId: null, version: null }],
    [{ CLAUDECODE: '' }, null],
  ])('%j', (env, agent) => expect(detectAgent(env as Record<string, string>)).toEqual(agent));

  it('keeps what the environment says short and free of control characters', () => {
    expect(detectAgent({ CLAUDE_CODE_SESSION_ID: `a\u001b\n${'x'.repeat(500)}` })?.sessionId).toBe(
      label(`a  ${'x'.repeat(500)}`),
    );
  });
});
