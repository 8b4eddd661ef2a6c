import { describe, expect, it } from 'vitest';
import { joinParent } from '../../../lib/capture/session/fork.ts';
import { newSession, type SessionState } from '../../../lib/capture/session/session.ts';

const used = { inputTokens: 1, outputTokens: 1 };

function session(id: string, own: readonly string[], inherited: readonly string[] = []): SessionState {
  const state = newSession(id, 'claude-code', id);
  state.usage = new Map(own.slice(1).map((message) => [message, used]));
  state.recordedUsage = own.slice(0, 1);
  state.inherited = [...inherited];
  return state;
}

function forkOf(...inherited: string[]): SessionState {
  return { ...session('fork', [], inherited), isFork: true };
}

describe('joinParent', () => {
  it('finds the session whose messages the fork took over, recorded or not', () => {
    const fork = forkOf('m1', 'm2');
    joinParent(fork, [session('other', ['m8', 'm9']), session('parent', ['m1', 'm2', 'm3'])]);
    expect(fork.parentSessionId).toBe('parent');
    expect(fork.gaps).toEqual([]);
  });

  it('tells the parent from the grandparent, and from another fork of it', () => {
    const grandparent = session('grandparent', ['m1', 'm2']);
    const parent = session('parent', ['m3', 'm4'], ['m1', 'm2']);
    const sibling = session('sibling', ['m7'], ['m1', 'm2']);
    const fork = forkOf('m1', 'm2', 'm3', 'm4');
    joinParent(fork, [sibling, grandparent, parent]);
    expect(fork.parentSessionId).toBe('parent');
    const early = forkOf('m1', 'm2');
    joinParent(early, [sibling, parent, grandparent]);
    expect(early.parentSessionId).toBe('grandparent');
  });

  it('goes on in the transactions of branches, not of prompts', () => {
    const parent = session('parent', ['m1']);
    parent.txns = new Map([
      ['branch:topic', 'T1'],
      ['prompt:1', 'T2'],
    ]);
    const fork = forkOf('m1');
    joinParent(fork, [parent]);
    expect([...fork.txns]).toEqual([['branch:topic', 'T1']]);
  });

  it('says so when the parent is not known, and waits while there is no history', () => {
    const fork = forkOf('m1');
    joinParent(fork, [session('other', ['m9'])]);
    expect(fork.parentSessionId).toBeNull();
    expect(fork.gaps).toEqual(['forked from a session that is not known here']);
    const early = forkOf();
    joinParent(early, []);
    expect(early.isFork).toBe(true);
    expect(early.gaps).toEqual([]);
  });

  it('takes no session of another agent for the parent', () => {
    const fork = forkOf('m1');
    joinParent(fork, [{ ...session('parent', ['m1']), agent: 'codex' }]);
    expect(fork.parentSessionId).toBeNull();
  });
});
