import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copilotCli } from '../../../lib/capture/agents/copilot-cli.ts';
import { readCopilotEvents } from '../../../lib/capture/agents/copilot-events.ts';
import type { AdapterContext, AgentEvent } from '../../../lib/capture/agents/events.ts';
import { adapterFor } from '../../../lib/capture/agents/index.ts';
import type { Payload } from '../../../lib/capture/agents/payload.ts';
import { blobId } from '../../../lib/core/digest.ts';
import { anyPayload } from '../../support/payloads.ts';

const fixtures = fileURLToPath(new URL('../../fixtures/copilot-cli/', import.meta.url));
const payload = (name: string): Payload =>
  JSON.parse(readFileSync(join(fixtures, `${name}.json`), 'utf8')) as Payload;

const context: AdapterContext = {
  format: 'sha1',
  pathInRepository: (path, cwd) => {
    const inside = relative('/repo', resolve(cwd ?? '/', path));
    return inside.startsWith('..') ? null : inside;
  },
};
const parse = (fields: Payload): AgentEvent | null => copilotCli.parse(fields, 1000, context);
const alpha = blobId(Buffer.from('alpha\n'), 'sha1');

describe("Copilot's hooks", () => {
  const sent = { installedFor: 'claude-code', seen: 'copilot-cli' };

  it.each(['sessionStart', 'postToolUse.bash', 'PascalStop', 'PascalPostToolUse.Write'])(
    '%s is told by the environment, whatever file the hook was in',
    (name) => expect(adapterFor(payload(name), sent)?.name).toBe('copilot-cli'),
  );

  it('in their own shape are told without an environment, in the shape of Claude Code they are not', () => {
    expect(adapterFor(payload('postToolUse.bash'), { ...sent, seen: null })?.name).toBe('copilot-cli');
    expect(copilotCli.recognises(payload('PascalStop'), { ...sent, seen: null })).toBe(false);
    expect(copilotCli.recognises(payload('sessionStart'), { ...sent, seen: 'cursor' })).toBe(false);
  });

  it.each([
    ['sessionStart', { kind: 'start', source: 'new' }],
    ['userPromptSubmitted', { kind: 'prompt', byUser: true, text: expect.stringContaining('two files') }],
    ['preToolUse.bash', { kind: 'call-start', callId: '', tool: 'bash', shell: true, endsEarlier: true }],
    ['postToolUse.bash', { kind: 'call-end', status: 'ok', shell: true, writes: [] }],
    ['postToolUse.bash.failed', { kind: 'call-end', status: 'error', shell: true }],
    ['postToolUse.create', { kind: 'call-end', status: 'ok', writes: [{ path: 'first.txt', blob: alpha }] }],
    ['postToolUse.edit', { kind: 'call-end', status: 'ok', writes: [{ path: 'first.txt', blob: null }] }],
    ['postToolUse.view', { kind: 'call-end', status: 'ok', retrieved: [{ kind: 'file', uri: 'first.txt' }] }],
    ['postToolUseFailure.view', { kind: 'call-end', status: 'error', result: 'Path does not exist' }],
    ['agentStop', { kind: 'stop' }],
    ['subagentStop', { kind: 'stop' }],
    ['sessionEnd', { kind: 'end' }],
  ])('%s', (name, what) => {
    expect(parse(payload(name))).toMatchObject({ at: 1000, agent: 'copilot-cli', cwd: '/repo', what });
  });

  it.each(['userPromptTransformed', 'permissionRequest', 'subagentStart'])('%s says nothing', (name) => {
    expect(parse(payload(name))).toBeNull();
  });

  it.each([
    ['sessionStart', 'PascalSessionStart'],
    ['userPromptSubmitted', 'PascalUserPromptSubmit'],
    ['preToolUse.bash', 'PascalPreToolUse.Bash'],
    ['postToolUse.bash', 'PascalPostToolUse.Bash'],
    ['postToolUse.create', 'PascalPostToolUse.Write'],
    ['postToolUseFailure.view', 'PascalPostToolUseFailure.Read'],
    ['postToolUse.create.subagent', 'PascalPostToolUse.Write.subagent'],
    ['agentStop', 'PascalStop'],
  ])('%s and %s are one event in two shapes', (own, pascal) => {
    expect(parse(payload(own))).toEqual(parse(payload(pascal)));
    expect(parse(payload(own))?.stamp).toBeGreaterThan(1_000_000_000_000);
  });

  it("of a sub-agent belong to its parent's session", () => {
    const root = parse(payload('sessionStart'))?.sessionId;
    for (const name of ['postToolUse.create.subagent', 'subagentStop'])
      expect(parse(payload(name))).toMatchObject({
        sessionId: root,
        subagent: { id: expect.any(String), type: 'general-purpose' },
      });
    expect(parse(payload('postToolUse.create.subagent'))?.subagent?.id).not.toBe(root);
  });

  it.each([
    ['success', '<command started in background with shellId: 0>', 'unknown'],
    ['success', 'cut short', 'unknown'],
    ['failure', 'no', 'error'],
    [undefined, 'odd', 'unknown'],
  ])('do not guess how a command ended: %s %s', (resultType, textResultForLlm, status) => {
    const toolResult = { resultType, textResultForLlm };
    expect(parse({ ...payload('postToolUse.bash'), toolResult })).toMatchObject({ what: { status } });
  });

  it('take a tool of a server for one whose files only a look tells', () => {
    expect(parse({ ...payload('preToolUse.bash'), toolName: 'files-put' })).toMatchObject({
      what: { tool: 'files-put', shell: true },
    });
    expect(parse({ ...payload('preToolUse.bash'), toolName: 'read_agent' })).toMatchObject({
      what: { shell: false },
    });
  });

  it('tell the files of a patch', () => {
    const input = '*** Begin Patch\n*** Delete File: a\n*** Add File: b\n+x\n*** End Patch\n';
    const fields = { ...payload('postToolUse.create'), toolName: 'apply_patch' };
    const writes = [
      { path: 'a', blob: null, deleted: true },
      { path: 'b', blob: null },
    ];
    expect(parse({ ...fields, toolArgs: { input } })).toMatchObject({ what: { writes } });
    expect(parse({ ...fields, toolArgs: input })).toMatchObject({ what: { writes } });
  });

  it('never throw, whatever a payload holds', () => {
    const tools = ['bash', 'Bash', 'create', 'edit', 'view', 'web_fetch', 'apply_patch', 'a-b'];
    const any = anyPayload({
      sessionId: ['s'],
      session_id: ['s'],
      hook_event_name: ['SessionStart', 'PreToolUse', 'PostToolUse', 'PostToolUseFailure', 'Odd'],
      timestamp: ['2026-11-22T05:21:48.311Z', 'never'],
      toolName: tools,
      tool_name: tools,
      toolArgs: ['path', 'file_text', 'url', 'view_range'],
      tool_input: ['path', 'file_text', 'url'],
      toolResult: ['resultType', 'textResultForLlm'],
      tool_result: ['result_type'],
      prompt: ['p'],
      source: ['new'],
      error: ['e'],
      agentId: ['a'],
      parentAgentId: ['b'],
    });
    fc.assert(
      fc.property(any, (fields) => {
        copilotCli.recognises(fields, sent);
        parse(fields);
      }),
      { numRuns: 500 },
    );
  });
});

describe("Copilot's events", () => {
  it("tell version, model, everybody's usage once per answer, and what the main loop said last", async () => {
    const reading = await readCopilotEvents(join(fixtures, 'events.jsonl'), 0);
    expect(reading).toMatchObject({
      version: '1.0.102',
      model: 'scripted-model-1',
      said: 'Done.',
      gap: null,
    });
    // Eight answers to the main loop, two to the sub-agent.
    expect([...(reading?.usage.values() ?? [])]).toEqual(
      Array.from({ length: 10 }, () => ({
        inputTokens: 70,
        outputTokens: 10,
        cacheReadInputTokens: 30,
        cacheCreationInputTokens: 0,
      })),
    );
    expect(reading?.calls.size).toBe(8);
  });

  it('lie where COPILOT_HOME says, or in the home', () => {
    expect(copilotCli.transcriptOf?.('s', '/home/user', {})).toBe(
      '/home/user/.copilot/session-state/s/events.jsonl',
    );
    expect(copilotCli.transcriptOf?.('s', '/home/user', { COPILOT_HOME: '/x' })).toBe(
      '/x/session-state/s/events.jsonl',
    );
  });
});
