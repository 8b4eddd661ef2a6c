import { describe, expect, it } from 'vitest';
import { cursor } from '../../../lib/capture/agents/cursor.ts';
import { mapTexts } from '../../../lib/capture/agents/events.ts';
import { adapterFor } from '../../../lib/capture/agents/index.ts';
import type { Payload } from '../../../lib/capture/agents/payload.ts';
import { nameCall, noCallNames } from '../../../lib/capture/session/call-names.ts';
import { foldEvent } from '../../../lib/capture/session/fold.ts';
import { newSession, type SessionState } from '../../../lib/capture/session/session.ts';
import { blobOf, expectTame, parserOf, payloadsOf } from '../../support/adapter.ts';

const payload = payloadsOf('cursor');
const parse = parserOf(cursor);
const sent = { installedFor: 'cursor', seen: 'cursor' };

describe("Cursor's hooks", () => {
  it('are told from those of Claude Code, which have a session too', () => {
    expect(adapterFor(payload('sessionStart'), sent)?.name).toBe('cursor');
    expect(adapterFor(payload('sessionStart'), { installedFor: 'claude-code', seen: 'cursor' })?.name).toBe(
      'cursor',
    );
    expect(cursor.recognises(payload('stop'), { ...sent, seen: 'copilot-cli' })).toBe(false);
    expect(cursor.recognises({ hook_event_name: 'stop', session_id: 's' }, sent)).toBe(false);
  });

  it.each<[string, object]>([
    ['sessionStart', { kind: 'start' }],
    [
      'beforeSubmitPrompt',
      {
        kind: 'prompt',
        text: 'please add a greeting',
        byUser: true,
        id: '41d2c1aa-0b52-4f59-8a52-7f1f7a0c0002',
        attached: [
          { kind: 'file', uri: 'src/hello.ts' },
          { kind: 'instructions', uri: '.cursor/rules/style.mdc' },
          { kind: 'outside', uriText: '/home/user/notes.txt' },
        ],
      },
    ],
    ['preToolUse.Shell', { kind: 'call-start', callId: 'call_Zq1 ctc_07', tool: 'Shell', shell: true }],
    [
      'postToolUse.Shell',
      {
        kind: 'call-end',
        callId: 'call_Zq1 ctc_07',
        status: 'ok',
        shell: true,
        durationMs: 36,
        result: '{"output":"","exitCode":0}',
      },
    ],
    ['postToolUse.Write', { kind: 'call-end', writes: [{ path: 'hello.txt', blob: blobOf('hello\n') }] }],
    ['postToolUse.StrReplace', { kind: 'call-end', writes: [{ path: 'hello.txt', blob: null }] }],
    [
      'postToolUse.Read',
      { kind: 'call-end', writes: [], retrieved: [{ kind: 'file', uri: 'hello.txt', partial: true }] },
    ],
    [
      'postToolUseFailure.Shell',
      { kind: 'call-end', status: 'error', result: 'Command failed with exit code 1' },
    ],
    [
      'beforeShellExecution',
      { kind: 'call-start', tool: 'Shell', shell: true, args: '{"command":"npm test"}' },
    ],
    ['afterShellExecution', { kind: 'call-end', tool: 'Shell', result: 'ok\n', durationMs: 1234 }],
    ['beforeMCPExecution', { kind: 'call-start', tool: 'MCP:create_issue', args: '{"title":"Bug"}' }],
    ['afterMCPExecution', { kind: 'call-end', tool: 'MCP:create_issue', result: '{"id":7}' }],
    ['beforeReadFile', { kind: 'context', items: [{ kind: 'file', uri: 'README.md' }] }],
    ['afterFileEdit', { kind: 'call-end', tool: 'Edit', writes: [{ path: 'hello.txt', blob: null }] }],
    ['afterAgentResponse', { kind: 'answer', usage: null, said: 'The greeting is there.' }],
    ['subagentStop', { kind: 'stop' }],
    ['stop', { kind: 'stop' }],
    ['sessionEnd', { kind: 'end' }],
  ])('%s', (name, what) => {
    expect(parse(payload(name))).toMatchObject({
      agent: 'cursor',
      sessionId: '9f1c2d34-6f0e-4d55-9d3e-0a51c6a6f001',
      model: 'gpt-5.2-codex',
      version: '2026.02.13-41ac335',
      what,
    });
  });

  it('name the sub-agent, in the session that started it', () => {
    expect(parse({ ...payload('subagentStart'), conversation_id: 'its own' })).toMatchObject({
      sessionId: '9f1c2d34-6f0e-4d55-9d3e-0a51c6a6f001',
      subagent: { id: '5a0e77f1', type: 'generalPurpose' },
    });
  });

  it('take no word for a model that names none, and know no event that is new', () => {
    expect(parse({ ...payload('stop'), model: 'default' })).not.toHaveProperty('model');
    expect(parse({ ...payload('stop'), hook_event_name: 'somethingNew' })).toBeNull();
    expect(parse(payload('stop'))).not.toHaveProperty('hookSet');
  });

  it('never let who is logged in into an event', () => {
    for (const name of ['sessionStart', 'beforeSubmitPrompt', 'postToolUse.Write', 'stop'])
      expect(JSON.stringify(parse(payload(name)))).not.toContain('jane@example.com');
  });

  it('never throw, whatever a payload holds', () => {
    expectTame(cursor, { conversation_id: 'c', hook_event_name: 'stop', tool_name: 'Write' }, [
      'beforeSubmitPrompt',
      'preToolUse',
      'postToolUse',
      'postToolUseFailure',
      'afterFileEdit',
      'afterShellExecution',
      'afterMCPExecution',
      'subagentStart',
      'Write',
      'Read',
      'tool_input',
      'attachments',
      'edits',
      'file_path',
      'duration',
      'workspace_roots',
    ]);
  });
});

describe("Cursor's two sets of hooks", () => {
  const fold = (...events: Payload[]): SessionState => {
    const state = newSession('k', 'cursor', 's');
    const names = noCallNames();
    for (const fields of events) {
      const event = parse(fields);
      if (event !== null)
        foldEvent(
          state,
          mapTexts(nameCall(names, event), (text) => ({ digest: text, size: text.length })),
        );
    }
    return state;
  };
  const edit = { ...payload('preToolUse.Shell'), tool_name: 'Write', tool_use_id: 'call_W1\nctc_w1' };

  it('count one edit told by both once', () => {
    const state = fold(edit, payload('afterFileEdit'), payload('postToolUse.Write'));
    expect(state.calls.map(({ id, name }) => `${id} ${name}`)).toEqual(['call_W1 ctc_w1 Write']);
    expect([...state.open.keys()]).toEqual([]);
    expect(state.writes.get('hello.txt')?.at(-1)).toEqual({ by: 'agent', blob: blobOf('hello\n') });
  });

  it('count one command told by both once', () => {
    const state = fold(
      payload('preToolUse.Shell'),
      payload('beforeShellExecution'),
      payload('afterShellExecution'),
      payload('postToolUse.Shell'),
    );
    expect(state.calls).toHaveLength(1);
    expect(state.open.size).toBe(0);
  });

  it('are each enough alone', () => {
    const earlier = fold(
      payload('beforeShellExecution'),
      payload('afterShellExecution'),
      payload('afterFileEdit'),
    );
    expect(earlier.calls.map(({ name }) => name)).toEqual(['Shell', 'Edit']);
    expect(earlier.writes.get('hello.txt')).toEqual([{ by: 'agent', blob: 'unknown' }]);
    const later = fold(edit, payload('postToolUse.Write'));
    expect(later.calls.map(({ name }) => name)).toEqual(['Write']);
  });

  it('keep what was attached, and what was said', () => {
    const state = fold(payload('beforeSubmitPrompt'), payload('afterAgentResponse'));
    expect(state.context.map(({ kind }) => kind)).toEqual(['file', 'instructions', 'outside']);
    expect(state.said).toMatchObject({ digest: 'The greeting is there.' });
    expect(state.version).toBe('2026.02.13-41ac335');
  });
});
