import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { amp } from '../../../lib/capture/agents/amp.ts';
import { adapterFor } from '../../../lib/capture/agents/index.ts';
import { ampPlugin } from '../../../lib/capture/install/agents/amp.ts';
import { blobOf, expectTame, parserOf, payloadsOf } from '../../support/adapter.ts';

const payload = payloadsOf('amp');
const parse = parserOf(amp);

describe("Amp's events", () => {
  it('are told by the shape our plugin gives them', () => {
    const sent = { installedFor: 'amp', seen: null };
    expect(adapterFor(payload('session.start'), sent)?.name).toBe('amp');
    expect(amp.recognises({ amp_event: 'agent.end' }, sent)).toBe(false);
  });

  it.each<[string, object]>([
    ['session.start', { kind: 'start' }],
    ['agent.start', { kind: 'prompt', text: 'please add a greeting', id: 'm1', byUser: true }],
    ['tool.call.Bash', { kind: 'call-start', callId: 'toolu_01', tool: 'Bash', shell: true }],
    [
      'tool.result.Bash',
      { kind: 'call-end', status: 'ok', shell: true, result: '{"output":"","exitCode":0}' },
    ],
    [
      'tool.result.create_file',
      { kind: 'call-end', writes: [{ path: 'hello.txt', blob: blobOf('hello\n') }] },
    ],
    ['tool.result.edit_file', { kind: 'call-end', writes: [{ path: 'hello.txt', blob: null }] }],
    [
      'tool.result.Read',
      { kind: 'call-end', retrieved: [{ kind: 'file', uri: 'README.md', partial: true }] },
    ],
    ['tool.result.error', { kind: 'call-end', status: 'error', result: 'exit code 1' }],
    ['tool.result.cancelled', { kind: 'call-end', status: 'unknown' }],
    ['agent.end', { kind: 'stop', said: 'The greeting\nis there.' }],
  ])('%s', (name, what) => {
    expect(parse(payload(name))).toMatchObject({
      agent: 'amp',
      sessionId: 'T-0198a1f0-9d7b-7c3e-8a55-5f4f1c2d3e4f',
      what,
    });
  });

  it('never throw, whatever a payload holds', () => {
    expectTame(amp, { thread_id: 'T-1', amp_event: 'tool.result', tool: 'create_file', status: 'done' }, [
      'agent.start',
      'agent.end',
      'tool.call',
      'tool.result',
      'Read',
      'create_file',
      'web_search',
      'input',
      'path',
      'content',
      'messages',
      'done',
      'error',
    ]);
  });
});

describe("Amp's plugin", () => {
  it('hands every event to the spool script, waits for it, and lets every tool go on', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'agent-log-'));
    try {
      const script = join(folder, 'spool');
      await writeFile(
        script,
        `#!/bin/sh\nsleep 0.05\necho "$*" >>"$0.args"\ncat >>"$0.in"\necho >>"$0.in"\n`,
        { mode: 0o755 },
      );
      const told = await runPlugin(folder, script);
      expect(told.answers).toEqual([null, null, { action: 'allow' }, null, null]);
      expect((await readFile(`${script}.args`, 'utf8')).split('\n').slice(0, 5)).toEqual([
        'amp look',
        'amp look',
        'amp look',
        'amp',
        'amp stop',
      ]);
      const sent = (await readFile(`${script}.in`, 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object);
      expect(sent[2]).toMatchObject({
        amp_event: 'tool.call',
        thread_id: 'T-1',
        tool: 'Bash',
        toolUseID: 't1',
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('does not hurt the agent when the script is gone, or an event can not be told', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'agent-log-'));
    try {
      const told = await runPlugin(folder, join(folder, 'none'));
      expect(told.answers[2]).toEqual({ action: 'allow' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** Runs the plugin in a Node of its own, as Amp does in its Bun, with five events. */
async function runPlugin(folder: string, spool: string): Promise<{ answers: unknown[] }> {
  await mkdir(folder, { recursive: true });
  const plugin = join(folder, 'plugin.mjs');
  await writeFile(plugin, ampPlugin(spool, 'local'));
  const program = `
    import plugin from ${JSON.stringify(pathToFileURL(plugin).href)};
    const handlers = new Map();
    plugin({ on: (name, handler) => handlers.set(name, handler) });
    const thread = { id: 'T-1' };
    const loop = { thread }; loop.self = loop;
    const events = [
      ['session.start', { thread }],
      ['agent.start', loop.self === loop && process.argv[2] ? loop : { thread, message: 'go', id: 'm' }],
      ['tool.call', { thread, tool: 'Bash', input: { cmd: 'ls' }, toolUseID: 't1' }],
      ['tool.result', { thread, tool: 'create_file', input: {}, toolUseID: 't2', status: 'done' }],
      ['agent.end', undefined],
    ];
    const answers = [];
    for (const [name, event] of events) answers.push((await handlers.get(name)(event)) ?? null);
    process.stdout.write(JSON.stringify({ answers }));
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { cwd: folder });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8');
  });
  await new Promise((resolve) => child.once('close', resolve));
  return JSON.parse(out) as { answers: unknown[] };
}
