import { describe, expect, it } from 'vitest';
import { devin } from '../../../lib/capture/agents/devin.ts';
import { adapterFor } from '../../../lib/capture/agents/index.ts';
import { blobOf, expectTame, parserOf, payloadsOf } from '../../support/adapter.ts';

const payload = payloadsOf('devin');
const parse = parserOf(devin);

describe("Devin's hooks", () => {
  it('are told by the variable only they have, whichever settings they were in', () => {
    const name = (installedFor: string, seen: string | null): string | undefined =>
      adapterFor(payload('Stop'), { installedFor, seen })?.name;
    expect(name('devin', 'devin')).toBe('devin');
    expect(name('claude-code', 'devin')).toBe('devin');
    expect(name('devin', null)).toBe('devin');
    expect(name('claude-code', null)).toBe('claude-code');
  });

  it.each<[string, object]>([
    ['SessionStart', { kind: 'start', source: 'startup' }],
    ['UserPromptSubmit', { kind: 'prompt', text: 'please add a greeting', byUser: true }],
    ['PreToolUse.exec', { kind: 'call-start', callId: 'exec_0', tool: 'exec', shell: true }],
    [
      'PostToolUse.exec',
      { kind: 'call-end', callId: 'exec_0', status: 'ok', result: '[main 1234567] x', writes: [] },
    ],
    ['PostToolUse.write', { kind: 'call-end', writes: [{ path: 'hello.txt', blob: blobOf('hello\n') }] }],
    ['PostToolUse.edit', { kind: 'call-end', writes: [{ path: 'hello.txt', blob: null }] }],
    ['PostToolUse.read', { kind: 'call-end', retrieved: [{ kind: 'file', uri: 'README.md' }] }],
    ['PostToolUse.failed', { kind: 'call-end', status: 'error', result: 'permission denied', writes: [] }],
    ['Stop', { kind: 'stop' }],
    ['SessionEnd', { kind: 'end' }],
  ])('%s', (name, what) => {
    expect(parse(payload(name))).toMatchObject({ agent: 'devin', sessionId: 'snowy-efraasia', what });
  });

  it('never throw, whatever a payload holds', () => {
    expectTame(devin, { session_id: 's', hook_event_name: 'PostToolUse', tool_name: 'write' }, [
      'SessionStart',
      'UserPromptSubmit',
      'PreToolUse',
      'PostToolUse',
      'write',
      'read',
      'tool_input',
      'tool_response',
      'file_path',
      'content',
    ]);
  });
});
