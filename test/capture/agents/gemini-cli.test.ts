import { readFileSync } from 'node:fs';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdapterContext, AgentEvent } from '../../../lib/capture/agents/events.ts';
import { readGeminiChat } from '../../../lib/capture/agents/gemini-chat.ts';
import { geminiCli } from '../../../lib/capture/agents/gemini-cli.ts';
import { adapterFor } from '../../../lib/capture/agents/index.ts';
import type { Payload } from '../../../lib/capture/agents/payload.ts';
import { blobId } from '../../../lib/core/digest.ts';

const fixtures = fileURLToPath(new URL('../../fixtures/gemini-cli/', import.meta.url));
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

const parse = (fields: Payload): AgentEvent | null => geminiCli.parse(fields, 1000, context);

describe("Gemini CLI's hooks", () => {
  it('are told by who set the environment, and by names no other agent has', () => {
    const from = (seen: string | null) => ({ installedFor: 'claude-code', seen });
    expect(adapterFor(payload('SessionStart'), from('gemini-cli'))).toBe(geminiCli);
    expect(adapterFor(payload('BeforeAgent'), from(null))).toBe(geminiCli);
    // The same shape, without a sign of Gemini: Claude Code's.
    expect(adapterFor(payload('SessionStart'), from(null))?.name).toBe('claude-code');
    expect(geminiCli.recognises(payload('BeforeTool.run_shell_command'), from('copilot-cli'))).toBe(false);
    expect(geminiCli.recognises({ hook_event_name: 'BeforeAgent' }, from('gemini-cli'))).toBe(false);
    expect(parse({ ...payload('BeforeAgent'), hook_event_name: 'AfterModel' })).toBeNull();
  });

  it.each([
    ['SessionStart', { kind: 'start', source: 'startup' }],
    ['BeforeAgent', { kind: 'prompt', byUser: true, text: 'Please write "hello" and commit' }],
    [
      'BeforeTool.run_shell_command',
      { kind: 'call-start', callId: '', tool: 'run_shell_command', shell: true },
    ],
    ['AfterTool.run_shell_command', { kind: 'call-end', callId: '', status: 'ok', shell: true, writes: [] }],
    ['AfterTool.run_shell_command.exit3', { kind: 'call-end', status: 'error' }],
    ['AfterTool.read_file.failed', { kind: 'call-end', status: 'error', retrieved: [] }],
    ['AfterTool.web_fetch.failed', { kind: 'call-end', status: 'error', retrieved: [] }],
    ['AfterTool.write_file', { writes: [{ path: 'hello.txt', blob: blob('hello\n') }], shell: false }],
    ['AfterTool.replace', { writes: [{ path: 'hello.txt', blob: blob('hello you\n') }] }],
    ['AfterTool.read_file', { retrieved: [{ kind: 'file', uri: 'input.txt', blob: blob('alpha\nbeta\n') }] }],
    ['AfterAgent', { kind: 'stop' }],
    ['SessionEnd', { kind: 'end' }],
  ])('%s', (name, what) => {
    const fields = payload(name);
    const event = parse(fields);
    expect(event).toMatchObject({ agent: 'gemini-cli', cwd: '/repo', what });
    expect(event?.stamp).toBe(Date.parse(String(fields['timestamp'])));
    expect(event?.transcript).toMatch(/\/chats\/session-.*\.jsonl$/);
  });

  it.each([
    ['exit code', 'Output: a\nExit Code: 1\nProcess Group PGID: 1', 'error'],
    ['what a command printed itself', 'Output: a\nExit Code: 1\nb\nProcess Group PGID: 1', 'ok'],
    ['exit code 0', 'Output: a\nExit Code: 0\nProcess Group PGID: 1', 'ok'],
  ])('tell how a command ended: %s', (_, text, status) => {
    const llmContent = `<untrusted_context>\n${text}\n</untrusted_context>`;
    expect(parse({ ...payload('AfterTool.run_shell_command'), tool_response: { llmContent } })).toMatchObject(
      {
        what: { status },
      },
    );
  });

  it('know a part of a file from the whole', () => {
    const read = payload('AfterTool.read_file');
    const part = { kind: 'file', uri: 'input.txt', partial: true };
    const lines = { ...read, tool_input: { file_path: '/repo/input.txt', start_line: 1 } };
    expect(parse(lines)).toMatchObject({ what: { retrieved: [part] } });
    const cut = {
      ...read,
      tool_response: { llmContent: '\nIMPORTANT: The file content has been truncated.\n' },
    };
    expect(parse(cut)).toMatchObject({ what: { retrieved: [part] } });
  });

  it('leave files outside the repository out of what was written, and their names out of records', () => {
    const write = {
      ...payload('AfterTool.write_file'),
      tool_response: {},
      tool_input: { file_path: '/etc/x' },
    };
    expect(parse(write)).toMatchObject({ what: { writes: [] } });
    const read = { ...payload('AfterTool.read_file'), tool_input: { file_path: '/home/user/.secret' } };
    expect(parse(read)).toMatchObject({
      what: { retrieved: [{ kind: 'outside', uriText: '/home/user/.secret' }] },
    });
  });

  it('keep secrets of a URL out of its plain form', () => {
    const fields = { ...payload('AfterTool.web_fetch.failed'), tool_response: { llmContent: 'x' } };
    const url = 'https://user:pw@example.com/a?token=s';
    expect(parse({ ...fields, tool_input: { prompt: `Look at ${url} please` } })).toMatchObject({
      what: { retrieved: [{ kind: 'url', uri: 'https://example.com/a', uriText: url }] },
    });
  });

  it('never throw, whatever a payload holds', () => {
    const leaf = fc.oneof(
      fc.string(),
      fc.double(),
      fc.constantFrom(null, true, '/repo/f', '/etc/x', 'http://a:b@c'),
    );
    const keys = [
      'file_path',
      'content',
      'prompt',
      'query',
      'llmContent',
      'returnDisplay',
      'newContent',
      'error',
    ];
    const inner = fc.dictionary(fc.constantFrom(...keys), leaf, { maxKeys: 4 });
    const value = fc.oneof(
      leaf,
      inner,
      fc.dictionary(fc.constantFrom(...keys), fc.oneof(leaf, inner), { maxKeys: 4 }),
    );
    const tools = [
      'run_shell_command',
      'write_file',
      'replace',
      'read_file',
      'web_fetch',
      'google_web_search',
    ];
    const fields = fc.record({
      hook_event_name: fc.constantFrom(
        'SessionStart',
        'BeforeAgent',
        'BeforeTool',
        'AfterTool',
        'SessionEnd',
      ),
      session_id: value,
      tool_name: fc.oneof(leaf, fc.constantFrom(...tools)),
      tool_input: value,
      tool_response: value,
      prompt: value,
      timestamp: value,
      transcript_path: value,
      cwd: value,
    });
    fc.assert(
      fc.property(fields, (any) => void parse(any)),
      { numRuns: 300 },
    );
  });
});

describe("Gemini CLI's chat file", () => {
  let folder: string;
  let path: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'agent-log-'));
    path = join(folder, 'chat.jsonl');
  });
  afterAll(() => rm(folder, { recursive: true }));

  const answer = (id: string, content: string, tokens: object, more: object = {}): string =>
    `${JSON.stringify({ id, type: 'gemini', content, tokens, model: 'm', ...more })}\n`;

  it('tells model, usage once per answer, calls and the last words', async () => {
    const reading = await readGeminiChat(join(fixtures, 'chat.jsonl'), 0);
    expect(reading).toMatchObject({ model: 'gemini-2.5-pro', said: 'Done.', version: null, gap: null });
    // Nine answers, most of them written twice: before their tools ran and after.
    expect([...(reading?.usage.values() ?? [])]).toEqual(
      Array.from({ length: 9 }, () => ({
        inputTokens: 70,
        outputTokens: 10,
        cacheReadInputTokens: 30,
        cacheCreationInputTokens: 0,
      })),
    );
    expect(reading?.calls).toContain('run_shell_command__run_shell_command_1795327107217_0');
  });

  it('counts thoughts as output and tool prompts as input; what was written last under an id holds', async () => {
    await writeFile(path, answer('a', 'one', { input: 5, output: 1 }));
    await appendFile(path, answer('a', 'one', { input: 9, output: 2, cached: 4, thoughts: 3, tool: 1 }));
    const reading = await readGeminiChat(path, 0);
    expect([...(reading?.usage ?? [])]).toEqual([
      ['a', { inputTokens: 6, outputTokens: 5, cacheReadInputTokens: 4, cacheCreationInputTokens: 0 }],
    ]);
  });

  it('takes a count beyond all sense for none: sums of it would not be exact', async () => {
    await writeFile(
      path,
      answer('a', 'one', { input: 9007199254740992, output: 2, thoughts: 1e13, tool: 1e12 }),
    );
    const reading = await readGeminiChat(path, 0);
    expect([...(reading?.usage.values() ?? [])]).toEqual([
      { inputTokens: 1e12, outputTokens: 2, cacheReadInputTokens: 0, cacheCreationInputTokens: 0 },
    ]);
  });

  it('is read on from where it was left, and past what is no record', async () => {
    await writeFile(
      path,
      `${answer('a', 'one', {})}{"type":"gemini"\n["gemini"]\n{"$set":{"messages":"gemini"}}\n`,
    );
    const first = await readGeminiChat(path, 0);
    await appendFile(path, `{"$set":{"messages":[${answer('b', 'two', { input: 1 }).trim()}]}}\n`);
    const second = await readGeminiChat(path, first?.offset ?? 0);
    expect([first?.said, second?.said]).toEqual(['one', 'two']);
    expect([...(second?.usage.keys() ?? [])]).toEqual(['b']);
  });

  it('that is none, or no file, is none', async () => {
    expect(await readGeminiChat(join(folder, 'none.jsonl'), 0)).toBeNull();
    expect(await readGeminiChat('/etc/passwd', 0)).toBeNull();
  });
});
