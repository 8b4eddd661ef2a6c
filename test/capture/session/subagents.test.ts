import { describe, expect, it } from 'vitest';
import { newSession, type OpenCall, type SessionState } from '../../../lib/capture/session/session.ts';
import { chainOf, committerOf, endOpenCalls, noteSubagent } from '../../../lib/capture/session/subagents.ts';
import type { ChangedFile } from '../../../lib/core/generated/execution-v1.types.ts';

const call = (top: string | null, agentId?: string): OpenCall => ({
  name: 'Bash',
  args: { digest: `hmac-sha256:${'0'.repeat(64)}`, size: 0 },
  startedAt: '2026-11-22T12:00:00.000Z',
  top,
  ...(agentId === undefined ? {} : { agentId }),
});

function session(...open: OpenCall[]): SessionState {
  const state = newSession('key', 'claude-code', 's');
  for (const id of ['a1', 'a2']) noteSubagent(state, { id, type: 'Explore' }, undefined);
  state.open = new Map(open.map((one, i) => [`${i}`, one]));
  return state;
}

const file: ChangedFile = { path: 'f', by: 'agent', change: 'added', blob: null };

describe('committerOf', () => {
  it('is the loop whose command runs', () => {
    expect(committerOf(session(call('/repo')), '/repo')).toEqual({ subagent: null, unsure: false });
    expect(committerOf(session(call('/repo', 'a1')), '/repo')).toMatchObject({ subagent: { id: 'a1' } });
    expect(committerOf(session(), '/repo')).toEqual({ subagent: null, unsure: false });
  });

  it('is, of several, the one in this worktree', () => {
    const state = session(call('/repo'), call('/repo/.claude/worktrees/a2', 'a2'));
    expect(committerOf(state, '/repo/.claude/worktrees/a2')).toMatchObject({ subagent: { id: 'a2' } });
    expect(committerOf(state, '/repo')).toEqual({ subagent: null, unsure: false });
  });

  it('is unsure where commands of several loops run in one worktree', () => {
    expect(committerOf(session(call('/repo'), call('/repo', 'a1')), '/repo')).toEqual({
      subagent: null,
      unsure: true,
    });
  });
});

describe('chainOf', () => {
  const ids = (state: SessionState, files: ChangedFile[] = []): string[] =>
    chainOf(state, files, committerOf(state, '/repo')).map(({ id }) => id);

  it('lists who commits, and who wrote one of the files', () => {
    const state = session(call('/repo', 'a1'));
    state.writes.set('f', [{ by: 'agent', blob: null, agentId: 'a2' }]);
    expect(ids(state)).toEqual(['a1']);
    expect(ids(state, [file])).toEqual(['a1', 'a2']);
  });

  it('leaves out one that did its work before, and one whose path another session wrote', () => {
    const state = session(call('/repo'));
    expect(ids(state, [file])).toEqual([]);
    state.writes.set('f', [{ by: 'agent', blob: null, agentId: 'a2' }]);
    expect(ids(state, [{ ...file, sessionId: 'other' }])).toEqual([]);
  });

  it('lists all whose commands run when it is unsure', () => {
    expect(ids(session(call('/repo'), call('/repo', 'a1')))).toEqual(['a1']);
  });
});

describe('endOpenCalls', () => {
  it('ends the commands of the loop that stopped, and of no other', () => {
    const state = session(call('/repo'), call('/repo', 'a1'));
    endOpenCalls(state, 'a1');
    expect([...state.open.keys()]).toEqual(['0']);
    expect(state.calls).toMatchObject([{ id: '1', status: 'unknown', agentId: 'a1', endedAt: null }]);
  });
});
