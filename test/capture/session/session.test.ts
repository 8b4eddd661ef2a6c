import { describe, expect, it } from 'vitest';
import type { AgentEvent, EventKind, TranscriptReading } from '../../../lib/capture/agents/events.ts';
import { attribute } from '../../../lib/capture/commit/attribute.ts';
import { foldEvent, noteFolded } from '../../../lib/capture/session/fold.ts';
import { foldTranscript } from '../../../lib/capture/session/fold-transcript.ts';
import { addGap, newSession, type SessionState } from '../../../lib/capture/session/session.ts';
import { noteSealed, settleSession, unrecordedUsage } from '../../../lib/capture/session/settle.ts';
import type { Snapshot } from '../../../lib/capture/session/snapshot.ts';
import { stateFromJson, stateToJson } from '../../../lib/capture/session/state-json.ts';
import type { TextRef } from '../../../lib/capture/session/texts.ts';
import {
  boundaryKey,
  boundaryUnit,
  isDefaultBranch,
  txnOfTask,
} from '../../../lib/capture/transaction/boundary.ts';
import { settleTxn, type TxnState } from '../../../lib/capture/transaction/transaction.ts';
import { isUlid } from '../../../lib/core/ulid.ts';
import type { StagedChange } from '../../../lib/git/repository/index-diff.ts';
import { executionRecord, NOW } from '../../support/records.ts';

const oid = (letter: string): string => letter.repeat(40);
const text = (letter: string): TextRef => ({ digest: `hmac-sha256:${letter.repeat(64)}`, size: 1 });
const snapshot = (files: Record<string, string | null> = {}): Snapshot => ({
  top: '/repo',
  head: oid('e'),
  branch: 'main',
  files: new Map(Object.entries(files)),
  cut: false,
});

let clock = NOW;
function event(what: EventKind<TextRef>, fields: Partial<AgentEvent<TextRef>> = {}): AgentEvent<TextRef> {
  return { at: clock++, agent: 'claude-code', sessionId: 's', cwd: '/repo', what, ...fields };
}

const prompt = (letter: string, byUser = true): AgentEvent<TextRef> =>
  event({ kind: 'prompt', text: text(letter), byUser });
const start = (callId: string, shell: boolean, look?: Snapshot): AgentEvent<TextRef> =>
  event(
    { kind: 'call-start', callId, tool: shell ? 'Bash' : 'Write', args: text('1'), shell },
    look ? { snapshot: look } : {},
  );
const end = (
  callId: string,
  shell: boolean,
  writes: Record<string, string | null> = {},
  look?: Snapshot,
): AgentEvent<TextRef> =>
  event(
    {
      kind: 'call-end',
      callId,
      tool: shell ? 'Bash' : 'Write',
      args: text('1'),
      result: text('2'),
      status: 'ok',
      shell,
      retrieved: [],
      writes: Object.entries(writes).map(([path, blob]) => ({ path, blob })),
    },
    look ? { snapshot: look } : {},
  );

function session(...events: AgentEvent<TextRef>[]): SessionState {
  const state = newSession('key', 'claude-code', 's');
  for (const one of events) foldEvent(state, one);
  return state;
}

const change = (path: string, blob: string | null): StagedChange => ({
  path,
  change: blob === null ? 'deleted' : 'modified',
  blob,
});

describe('attribute', () => {
  it('is agent only for exactly what an edit tool wrote', () => {
    const state = session(end('1', false, { a: oid('1') }), end('2', false, { a: oid('2') }));
    expect(attribute(change('a', oid('2')), [state])).toBe('agent');
    expect(attribute(change('a', oid('1')), [state])).toBe('agent');
    expect(attribute(change('a', oid('3')), [state])).toBe('mixed');
    expect(attribute(change('b', oid('2')), [state])).toBe('unseen');
  });

  it('is mixed where the hook did not tell the content', () => {
    expect(attribute(change('a', oid('1')), [session(end('1', false, { a: null }))])).toBe('mixed');
  });

  it('is shell for what a shell call left, and for a deletion it made', () => {
    const state = session(
      start('1', true, snapshot({ kept: oid('9') })),
      end('1', true, {}, snapshot({ kept: oid('9'), made: oid('1'), gone: null })),
    );
    expect(attribute(change('made', oid('1')), [state])).toBe('shell');
    expect(attribute(change('gone', null), [state])).toBe('shell');
    expect(attribute(change('kept', oid('9')), [state])).toBe('unseen');
    expect(attribute(change('made', oid('2')), [state])).toBe('mixed');
  });

  it('is shell for what differs from when the running call began', () => {
    const state = session(start('1', true, snapshot({ before: oid('1'), other: oid('2'), big: 'unknown' })));
    expect(attribute(change('new', oid('5')), [state])).toBe('shell');
    expect(attribute(change('before', oid('1')), [state])).toBe('unseen');
    expect(attribute(change('other', oid('3')), [state])).toBe('shell');
    expect(attribute(change('big', oid('3')), [state])).toBe('unseen');
  });

  it('claims nothing where nobody looked before the call', () => {
    expect(attribute(change('a', oid('1')), [session(start('1', true))])).toBe('unseen');
    expect(attribute(change('a', oid('1')), [])).toBe('unseen');
  });

  it('lets an edit tool win over the shell that runs the commit', () => {
    const state = session(end('1', false, { a: oid('1') }), start('2', true, snapshot({})));
    expect(attribute(change('a', oid('1')), [state])).toBe('agent');
  });

  it('treats a file called like a property of objects as any other', () => {
    const state = session(end('1', false, { __proto__x: oid('1'), constructor: oid('1') }));
    const again = stateFromJson(stateToJson(state)) as SessionState;
    expect(attribute(change('constructor', oid('1')), [again])).toBe('agent');
    expect(attribute(change('toString', oid('1')), [again])).toBe('unseen');
  });
});

describe('foldEvent', () => {
  it('counts what users ask, and takes the repository as they found it', () => {
    const state = session(
      event({ kind: 'start', source: 'startup' }, { snapshot: snapshot({ dirty: oid('1') }) }),
      prompt('a'),
      prompt('b', false),
      prompt('c'),
    );
    expect(state.promptSeq).toBe(2);
    expect(state.currentPrompt?.digest).toBe(text('c').digest);
    expect(state.prompts).toHaveLength(3);
    expect(state.base).toEqual({ commit: oid('e'), branch: 'main', dirtyPaths: ['dirty'], dirtyCount: 1 });
  });

  it('keeps a call once, however often its end is told, and what it changed', () => {
    const state = session(
      start('1', true, snapshot()),
      end('1', true, {}, snapshot({ a: oid('1') })),
      end('1', true),
    );
    expect(state.calls).toHaveLength(1);
    expect(state.open.size).toBe(0);
    expect(
      session(start('1', true, snapshot()), end('1', true, {}, snapshot({ a: oid('1'), b: null }))).calls[0],
    ).toMatchObject({
      id: '1',
      status: 'ok',
      files: [
        { path: 'a', blob: oid('1') },
        { path: 'b', blob: null, deleted: true },
      ],
    });
  });

  it('forgets calls that ran when the session ended without telling', () => {
    expect(session(start('1', true), event({ kind: 'start', source: 'resume' })).open.size).toBe(0);
  });

  it('names a sub-agent once', () => {
    const by = { subagent: { id: 'a1', type: 'Explore' } };
    const state = session({ ...start('1', false), ...by }, { ...end('1', false), ...by });
    expect([...state.subagents.values()].map(({ id, type }) => ({ id, type }))).toEqual([
      { id: 'a1', type: 'Explore' },
    ]);
    expect(state.calls[0]?.agentId).toBe('a1');
  });

  it('says what it leaves out', () => {
    const many = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`f${i}`, oid('1')]));
    const state = session(start('1', true, snapshot()), end('1', true, {}, snapshot(many)));
    expect(state.calls[0]?.files).toHaveLength(200);
    expect(state.gaps).toEqual(['tool call 1: 50 changed files are not listed']);
    addGap(state, 'tool call 1: 50 changed files are not listed');
    expect(state.gaps).toHaveLength(1);
  });
});

const reading = (usage: Record<string, number>, offset = 10): TranscriptReading => ({
  offset,
  version: '2.1',
  model: 'm',
  usage: new Map(Object.entries(usage).map(([id, inputTokens]) => [id, { inputTokens, outputTokens: 1 }])),
  calls: new Set(),
  said: null,
  gap: null,
});

describe('settleSession', () => {
  it('takes away what the record holds, keeps what came after, and counts no token twice', () => {
    const state = session(prompt('a'), end('1', false, { a: oid('1') }), start('2', true, snapshot()));
    state.transcript = { path: 't', offset: 0 };
    foldTranscript(state, reading({ m1: 100, m2: 10 }), text('f'));
    expect(unrecordedUsage(state)).toEqual({
      inputTokens: 110,
      outputTokens: 2,
      cacheReadInputTokens: 0,
      cacheCreationInputTokens: 0,
    });
    noteSealed(state, 'sha256:x');
    const record = executionRecord({
      prompts: state.prompts.map(({ digest, size, at }) => ({ digest, size, at })),
      toolCalls: [
        ...state.calls,
        { id: '2', name: 'Bash', status: 'running', args: null, result: null, endedAt: null },
      ],
      files: [{ path: 'a', by: 'agent', change: 'added', blob: oid('1') }],
    });
    foldEvent(state, end('2', true, {}, snapshot({ b: oid('2') })));
    foldEvent(state, prompt('b'));
    foldTranscript(state, reading({ m2: 10, m3: 1 }, 20), null);

    settleSession(state, 'sha256:x', record);
    expect(state.calls.map(({ id }) => id)).toEqual(['2']);
    expect(state.prompts.map(({ digest }) => digest)).toEqual([text('b').digest]);
    expect([...state.writes.keys()]).toEqual(['b']);
    expect(unrecordedUsage(state)?.inputTokens).toBe(1);
    foldTranscript(state, reading({ m1: 100, m2: 10, m3: 1 }, 30), null);
    expect(unrecordedUsage(state)?.inputTokens).toBe(1);
    expect(state.sealedUsage.size).toBe(0);
  });

  it('keeps what an agent wrote over again after the record was sealed', () => {
    const state = session(end('1', false, { a: oid('1') }), end('2', false, { a: oid('2') }));
    settleSession(
      state,
      'd',
      executionRecord({ files: [{ path: 'a', by: 'agent', change: 'modified', blob: oid('1') }] }),
    );
    expect(attribute(change('a', oid('2')), [state])).toBe('agent');
  });

  it('remembers of a session whose home is elsewhere what it took: there it stays', () => {
    const state = session(prompt('a'), end('1', false), start('2', true));
    const record = executionRecord({
      prompts: state.prompts.map(({ digest, size, at }) => ({ digest, size, at })),
      toolCalls: [
        ...state.calls,
        { id: '2', name: 'Bash', status: 'running', args: null, result: null, endedAt: null },
      ],
    });
    settleSession({ ...state, isBorrowed: false }, 'd', record);
    expect(state.taken).toEqual([]);
    state.isBorrowed = true;
    settleSession(state, 'd', record);
    expect(state.taken).toEqual(['1', record.prompts[0]?.at]);
  });

  it('leaves redactions of what was not recorded yet', () => {
    const state = session();
    state.redactions = [
      { rule: 'aws', count: 3 },
      { rule: 'npm', count: 1 },
    ];
    settleSession(
      state,
      'd',
      executionRecord({
        redactions: [
          { rule: 'aws', count: 1 },
          { rule: 'npm', count: 1 },
        ],
      }),
    );
    expect(state.redactions).toEqual([{ rule: 'aws', count: 2 }]);
  });

  it('says of an agent without usage that it reported none', () => {
    expect(unrecordedUsage(session())).toBeNull();
  });
});

describe('state as JSON', () => {
  it('gives back maps within maps', () => {
    const state = session(
      prompt('a'),
      start('1', true, snapshot({ '#map': null, __proto__: null, 'a\nb': oid('1') })),
    );
    noteFolded(state, ['x@1']);
    expect(stateFromJson(stateToJson(state))).toEqual(state);
  });
});

describe('settleTxn', () => {
  const txn = { txn: 't', seq: 0, prev: null, settled: [] as string[] } as unknown as TxnState;
  it('moves on once per record, and not back for an older one that binds late', () => {
    const one = settleTxn(txn, 'd1', executionRecord({ seq: 1 }), 'c1');
    expect(one).toMatchObject({ seq: 1, prev: 'd1' });
    const two = settleTxn(
      settleTxn(one, 'd2', executionRecord({ seq: 2 }), 'c2'),
      'd2',
      executionRecord({ seq: 9 }),
      'c2',
    );
    expect(two).toMatchObject({ seq: 2, prev: 'd2', settled: ['d1', 'd2'] });
    expect(settleTxn(two, 'late', executionRecord({ seq: 1 }), 'c3')).toMatchObject({ seq: 2, prev: 'd2' });
  });
});

const ALONE = { subagent: null, unsure: false };
const at = (branch: string | null) => ({
  top: '/repo',
  branch,
  isDefault: (name: string | null) => name === 'main',
  unit: null,
});

describe('the boundary of a transaction', () => {
  it('is the prompt on the default branch, the branch elsewhere', () => {
    const state = session(prompt('a'), prompt('b'));
    expect(boundaryKey(state, ALONE, at('main'))).toBe('prompt:2');
    expect(boundaryKey(state, ALONE, at('topic'))).toBe('branch:topic');
    expect(boundaryKey(state, ALONE, at(null))).toBe('branch:(detached)');
  });

  it('is what agentLog.boundary says, if that is a word it knows', () => {
    const state = session(prompt('a'), prompt('b'));
    const key = (value: string, branch: string): string =>
      boundaryKey(state, ALONE, {
        ...at(branch),
        unit: boundaryUnit(new Map([['agentlog.boundary', value]])),
      });
    expect(key('prompt', 'topic')).toBe('prompt:2');
    expect(key('branch', 'main')).toBe('branch:main');
    expect(key('session', 'main')).toBe('session');
    expect(key('constructor', 'topic')).toBe('branch:topic');
  });

  it('is what was asked when a sub-agent started, and where: not the branch of a worktree it was given', () => {
    const by = { subagent: { id: 'a1' } };
    const state = session(
      { ...prompt('a'), snapshot: snapshot() },
      { ...start('1', false), ...by },
      { ...end('1', false), ...by },
      prompt('b'),
    );
    const sub = state.subagents.get('a1');
    if (sub === undefined) throw new Error('the sub-agent is not known');
    const committer = { subagent: sub, unsure: false };
    expect(boundaryKey(state, committer, at('main'))).toBe('prompt:1');
    expect(boundaryKey(state, committer, at('topic'))).toBe('branch:topic');
    expect(
      boundaryKey(state, committer, { ...at('worktree-agent-a1'), top: '/repo/.claude/worktrees/a1' }),
    ).toBe('prompt:1');
  });

  it('gives the same transaction for the same task of a session, and another for another', () => {
    const asked = prompt('a');
    const state = session(asked);
    const again = session({ ...prompt('z'), at: asked.at });
    expect(txnOfTask(state, 'prompt:1', NOW)).toBe(txnOfTask(again, 'prompt:1', NOW + 5000));
    expect(txnOfTask(state, 'prompt:1', NOW)).not.toBe(txnOfTask(state, 'branch:topic', NOW));
    const other = { ...state, key: 'other' };
    expect(txnOfTask(other, 'prompt:1', NOW)).not.toBe(txnOfTask(state, 'prompt:1', NOW));
    expect(isUlid(txnOfTask(state, 'branch:topic', NOW))).toBe(true);
  });

  it.each([
    ['main', null, {}, true],
    ['master', null, {}, true],
    ['trunk', null, {}, false],
    ['trunk', null, { 'init.defaultbranch': 'trunk' }, true],
    ['trunk', 'trunk', {}, true],
    ['main', 'trunk', {}, false],
    ['main', 'trunk', { 'agentlog.defaultbranch': 'main' }, true],
    [null, null, {}, false],
  ] as const)(
    '%s with remote HEAD %s and %j is the default branch: %s',
    (branch, remote, settings, expected) => {
      expect(isDefaultBranch(branch, remote, new Map(Object.entries(settings)))).toBe(expected);
    },
  );
});
