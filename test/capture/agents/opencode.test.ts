import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AdapterContext, AgentEvent } from '../../../lib/capture/agents/events.ts';
import { adapterFor } from '../../../lib/capture/agents/index.ts';
import { opencode } from '../../../lib/capture/agents/opencode.ts';
import type { Payload } from '../../../lib/capture/agents/payload.ts';
import { blobId } from '../../../lib/core/digest.ts';

const fixtures = fileURLToPath(new URL('../../fixtures/opencode/', import.meta.url));
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

const parse = (fields: Payload): AgentEvent | null => opencode.parse(fields, 1000, context);

describe('what the opencode plugin tells', () => {
  it('is told from other payloads, whatever else is in the environment', () => {
    for (const seen of [null, 'gemini-cli', 'copilot-cli'])
      expect(adapterFor(payload('prompt'), { installedFor: 'opencode', seen })).toBe(opencode);
    const sent = { installedFor: 'opencode', seen: null };
    expect(opencode.recognises({ hook_event_name: 'Stop', session_id: 's' }, sent)).toBe(false);
    expect(opencode.recognises({ hook_event_name: 'opencode.prompt' }, sent)).toBe(false);
    expect(parse({ ...payload('idle'), hook_event_name: 'opencode.something-new' })).toBeNull();
  });

  it.each([
    ['session.created', { kind: 'start', source: 'startup' }],
    ['prompt', { kind: 'prompt', byUser: true, text: 'Please write "hello" and commit' }],
    ['prompt.subagent', { kind: 'prompt', byUser: false, text: 'Write sub.txt' }],
    ['context.file', { kind: 'context', items: [{ kind: 'file', uri: 'old.txt' }] }],
    ['context.instructions', { kind: 'context', items: [{ kind: 'instructions', uri: 'AGENTS.md' }] }],
    ['tool.before.bash', { kind: 'call-start', tool: 'bash', shell: true }],
    ['tool.after.bash', { kind: 'call-end', tool: 'bash', shell: true, status: 'ok', writes: [] }],
    ['tool.after.bash.failed', { kind: 'call-end', status: 'error' }],
    ['tool.error.read', { kind: 'call-end', tool: 'read', status: 'error', retrieved: [], shell: false }],
    ['tool.after.write', { status: 'ok', writes: [{ path: 'hello.txt', blob: blob('hello\n') }] }],
    ['tool.after.edit', { status: 'ok', writes: [{ path: 'hello.txt', blob: null }] }],
    ['tool.after.read', { retrieved: [{ kind: 'file', uri: 'input.txt' }] }],
    [
      'tool.after.read.part',
      {
        retrieved: [
          { kind: 'file', uri: 'sub/x.txt', partial: true },
          { kind: 'instructions', uri: 'sub/AGENTS.md' },
        ],
      },
    ],
    ['tool.after.read.directory', { retrieved: [] }],
    [
      'tool.after.apply_patch',
      {
        writes: [
          { path: 'added.txt', blob: null },
          { path: 'input.txt', blob: null },
          { path: 'sub/x.txt', blob: null, deleted: true },
          { path: 'sub/y.txt', blob: null },
          { path: 'old.txt', blob: null, deleted: true },
        ],
      },
    ],
    ['answer.text', { kind: 'answer', usage: null, said: 'I look at the input first.' }],
    [
      'answer.usage',
      {
        kind: 'answer',
        usage: { inputTokens: 70, outputTokens: 10, cacheReadInputTokens: 30, cacheCreationInputTokens: 0 },
        said: null,
      },
    ],
    ['idle', { kind: 'stop' }],
    ['end', { kind: 'end' }],
  ])('%s', (name, what) => {
    const event = parse(payload(name));
    expect(event).toMatchObject({ agent: 'opencode', cwd: '/repo', version: '1.18.33', what });
  });

  it('ends a call under the id it began with', () => {
    const [before, after] = [
      parse(payload('tool.before.bash'))?.what,
      parse(payload('tool.after.bash'))?.what,
    ];
    expect(before).toMatchObject({ callId: expect.stringMatching(/^call_/) as string });
    expect(after).toMatchObject({ callId: before?.kind === 'call-start' ? before.callId : '' });
  });

  it('names model and provider, and the sub-agent in the session that started it', () => {
    expect(parse(payload('answer.usage'))).toMatchObject({ model: 'scripted-model-1', provider: 'scripted' });
    const { session_id } = payload('prompt');
    expect(parse(payload('tool.after.write.subagent'))).toMatchObject({
      sessionId: session_id,
      subagent: { id: expect.stringMatching(/^ses_/) as string, type: 'general' },
    });
  });

  it('tells a fork by its title', () => {
    const created = payload('session.created');
    expect(parse({ ...created, title: 'Parser (fork #2)' })?.what).toEqual({ kind: 'start', source: 'fork' });
  });

  it('leaves files outside the repository out of what was written, and their names out of records', () => {
    const write = { ...payload('tool.after.write'), args: { filePath: '/etc/x', content: 'x' } };
    expect(parse(write)).toMatchObject({ what: { writes: [] } });
    const read = { ...payload('tool.after.read'), args: { filePath: '/home/user/.secret' } };
    expect(parse(read)).toMatchObject({
      what: { retrieved: [{ kind: 'outside', uriText: '/home/user/.secret' }] },
    });
  });

  it('keeps secrets of a URL out of its plain form', () => {
    const url = 'https://user:pw@example.com/a/b?token=s#frag';
    const fetched = { ...payload('tool.after.read'), tool_name: 'webfetch', args: { url } };
    expect(parse(fetched)).toMatchObject({
      what: { retrieved: [{ kind: 'url', uri: 'https://example.com/a/b', uriText: url }] },
    });
  });

  it('never throws, whatever a payload holds', () => {
    const events = [
      'session.created',
      'prompt',
      'context',
      'tool.before',
      'tool.after',
      'tool.error',
      'answer',
    ];
    const tools = ['bash', 'write', 'edit', 'multiedit', 'apply_patch', 'read', 'webfetch', 'websearch'];
    const keys = [
      'filePath',
      'content',
      'url',
      'query',
      'files',
      'display',
      'loaded',
      'exit',
      'cache',
      'input',
    ];
    const leaf = fc.oneof(
      fc.string(),
      fc.double(),
      fc.constantFrom(null, true, '/repo/f', '/etc/x', '\u0000'),
    );
    const inner = fc.dictionary(fc.constantFrom(...keys, 'filePath', 'type', 'movePath'), leaf, {
      maxKeys: 4,
    });
    const value = fc.oneof(
      leaf,
      inner,
      fc.array(fc.oneof(leaf, inner), { maxLength: 3 }),
      fc.dictionary(
        fc.constantFrom(...keys),
        fc.oneof(leaf, inner, fc.array(fc.oneof(leaf, inner), { maxLength: 2 })),
        { maxKeys: 4 },
      ),
    );
    const fields = fc.record({
      hook_event_name: fc.constantFrom(...events.map((event) => `opencode.${event}`)),
      session_id: value,
      tool_name: fc.oneof(value, fc.constantFrom(...tools)),
      args: value,
      metadata: value,
      output: value,
      tokens: value,
      file: value,
      instructions: value,
      text: value,
      title: value,
      cwd: value,
      agent_id: value,
      model: value,
    });
    fc.assert(
      fc.property(fields, (any) => void parse(any)),
      { numRuns: 300 },
    );
  });
});
