import { describe, expect, it } from 'vitest';
import { adapterFor } from '../../../lib/capture/agents/index.ts';
import { windsurf } from '../../../lib/capture/agents/windsurf.ts';
import { parsePayload } from '../../../lib/capture/spool/spool.ts';
import { expectTame, parserOf, payloadsOf } from '../../support/adapter.ts';

const payload = payloadsOf('windsurf');
const parse = parserOf(windsurf);

describe("Windsurf's hooks", () => {
  it('are told by their shape', () => {
    const sent = { installedFor: 'windsurf', seen: null };
    expect(adapterFor(payload('pre_user_prompt'), sent)?.name).toBe('windsurf');
    expect(windsurf.recognises(payload('pre_user_prompt'), { ...sent, seen: 'cursor' })).toBe(false);
  });

  it.each<[string, object]>([
    ['pre_user_prompt', { kind: 'prompt', text: 'please add a greeting', byUser: true, id: 'e1-execution' }],
    ['post_read_code', { kind: 'context', items: [{ kind: 'file', uri: 'README.md' }] }],
    [
      'post_write_code',
      {
        kind: 'call-end',
        tool: 'write_code',
        status: 'unknown',
        writes: [{ path: 'hello.txt', blob: null }],
      },
    ],
    [
      'pre_run_command',
      { kind: 'call-start', tool: 'run_command', shell: true, args: '{"command_line":"npm test"}' },
    ],
    [
      'post_run_command',
      { kind: 'call-end', tool: 'run_command', shell: true, status: 'unknown', result: null },
    ],
    ['pre_mcp_tool_use', { kind: 'call-start', tool: 'mcp:github:list_commits', shell: false }],
    ['post_mcp_tool_use', { kind: 'call-end', tool: 'mcp:github:list_commits', status: 'ok', result: '[]' }],
    ['post_cascade_response', { kind: 'stop', said: 'The greeting is there.' }],
    ['post_cascade_response_with_transcript', { kind: 'stop' }],
  ])('%s', (name, what) => {
    expect(parse(payload(name))).toMatchObject({ agent: 'windsurf', sessionId: 'b7d6a1e2-trajectory', what });
  });

  it('say nothing of what is about to be written, or of a worktree', () => {
    expect(parse(payload('pre_write_code'))).toBeNull();
    expect(parse(payload('post_setup_worktree'))).toBeNull();
  });

  it('name the model, and take "Unknown" for none', () => {
    expect(parse(payload('pre_user_prompt'))).toMatchObject({ model: 'SWE-1.6' });
    expect(parse(payload('post_cascade_response'))).not.toHaveProperty('model');
  });

  it('start and end a call in the same words, so that the one is known for the other', () => {
    for (const what of ['run_command', 'mcp_tool_use']) {
      const [pre, post] = [parse(payload(`pre_${what}`)), parse(payload(`post_${what}`))];
      const { tool, args, callId } = { ...pre?.what } as Record<string, unknown>;
      expect(post?.what).toMatchObject({ tool, args, callId });
      expect(callId).toBe('');
    }
  });

  it('never throw, whatever a payload holds', () => {
    expectTame(windsurf, { trajectory_id: 't', agent_action_name: 'post_write_code' }, [
      'pre_user_prompt',
      'post_read_code',
      'post_write_code',
      'pre_run_command',
      'post_run_command',
      'post_mcp_tool_use',
      'post_cascade_response',
      'tool_info',
      'file_path',
      'edits',
      'mcp_tool_arguments',
      'execution_id',
    ]);
  });
});

describe('a payload with control characters in its strings', () => {
  it('is read as it was meant', () => {
    const raw =
      '{\n\t"agent_action_name": "post_run_command",\r\n "tool_info": {"command_line": "printf \'a\tb\n\u0001\' \\"\\\\"}}\n';
    expect(parsePayload(raw)).toEqual({
      agent_action_name: 'post_run_command',
      tool_info: { command_line: "printf 'a\tb\n\u0001' \"\\" },
    });
  });

  it.each([
    ['cut short', '{"a":"b\n'],
    ['no object', '["a\n"]'],
    ['no JSON', 'a\n'],
    ['nothing', ''],
  ])('that is %s is still none', (_name, text) => expect(parsePayload(text)).toBeNull());
});
