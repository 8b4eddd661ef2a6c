import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ShowDocument } from '../../lib/ledger/reading/describe.ts';
import {
  commits,
  haveClaude,
  MODEL,
  SETUP_MS,
  session,
  shownBySubject,
  stage,
  strike,
  writes,
} from '../support/clients/claude-stage.ts';
import type { TestRepo } from '../support/repo.ts';
import { expectSealed } from '../support/seal.ts';

const run = describe.skipIf(!haveClaude('Claude Code: sessions'));

run('a session of Claude Code that goes on', () => {
  let repo: TestRepo;
  let id: string;
  let forkId: string;
  const shown = new Map<string, ShowDocument>();

  beforeAll(async () => {
    repo = await stage();
    await repo.git('checkout', '-q', '-b', 'topic');
    const work = (name: string) => [
      writes(repo.path(`${name}.txt`), `${name}\n`),
      commits(name),
      { text: 'Done.' },
    ];
    const begun = await session(repo, 'Begin.', work('begun'));
    id = begun.sessionId;
    await session(repo, 'Go on.', work('resumed'), { extraArgs: ['--resume', id] });
    const fork = await session(repo, 'Go another way.', work('forked'), {
      extraArgs: ['--resume', id, '--fork-session'],
    });
    forkId = fork.sessionId;
    await session(repo, '/compact', [], { extraArgs: ['--resume', id] });
    await session(repo, 'Go on after it.', work('compacted'), { extraArgs: ['--resume', id] });
    await session(repo, '/clear', [], { extraArgs: ['--resume', id] });
    await session(repo, 'Say hello.', [{ text: 'Hello.' }], { extraArgs: ['--resume', id] });
    for (const subject of ['begun', 'resumed', 'forked', 'compacted'])
      shown.set(subject, await shownBySubject(repo, subject));
  }, SETUP_MS);

  afterAll(() => strike(repo));

  const get = (subject: string): ShowDocument => {
    const found = shown.get(subject);
    if (found === undefined) throw new Error(`${subject} was not shown`);
    return found;
  };

  test('resumed, stays in its transaction, with what was asked each time', () => {
    expect(get('resumed').agent).toMatchObject({ sessionId: id, chain: [] });
    expect(get('resumed')).toMatchObject({ txn: get('begun').txn, seq: 2, prev: get('begun').record });
    expect(get('begun').prompts.map(({ text }) => text)).toEqual(['Begin.']);
    expect(get('resumed').prompts.map(({ text }) => text)).toEqual(['Go on.']);
  });

  test('forked, names its parent and goes on in the transaction of the branch', () => {
    expect(forkId).not.toBe(id);
    expect(get('forked').agent).toMatchObject({ sessionId: forkId, parentSessionId: id });
    expect(get('forked')).toMatchObject({ txn: get('begun').txn, seq: 3, prev: get('resumed').record });
    expect(get('forked').prompts.map(({ text }) => text)).toEqual(['Go another way.']);
  });

  test('forked, does not count what its parent used again', () => {
    // Three calls of its own; the history it took over has six.
    expect(get('forked').usage?.inputTokens).toBe(300);
  });

  test('compacted, loses nothing and takes the summary for no sub-agent', () => {
    expect(get('compacted').agent).toMatchObject({ sessionId: id, chain: [] });
    expect(get('compacted')).toMatchObject({ txn: get('begun').txn, seq: 4, binding: 'exact', sealed: true });
    expect(get('compacted').prompts.map(({ text }) => text)).toEqual(['Go on after it.']);
    expect(get('compacted').toolCalls.map(({ name, status }) => [name, status])).toEqual([
      ['Write', 'ok'],
      ['Bash', 'ok'],
    ]);
    for (const one of shown.values()) expect(one.gaps).toEqual([]);
  });

  test('cleared, leaves nothing that waits', async () => {
    expect((await repo.exec('sh', ['-c', 'ls .git/agent-log/pending 2>/dev/null || true'])).stdout).toBe('');
    expect((await repo.exec('sh', ['-c', 'ls .git/agent-log/rejected 2>/dev/null || true'])).stdout).toBe('');
  });
});

/** A hook of the user's that holds a commit called "late" back until another one got in before it. */
const HOLD = `#!/bin/sh
grep -q '^late$' "$1" || exit 0
touch .git/held
i=0
while [ "$(git rev-parse HEAD)" = "$(cat .git/before)" ] && [ $i -lt 300 ]; do sleep 0.1; i=$((i + 1)); done
`;

run('two sessions of Claude Code in one worktree', () => {
  let repo: TestRepo;
  let ids: string[];
  let taken: ShowDocument;

  beforeAll(async () => {
    repo = await stage({ 'commit-msg': HOLD });
    const head = await repo.git('rev-parse', 'HEAD');
    await repo.exec('sh', ['-c', `echo ${head} > .git/before`]);
    const held = 'i=0; while [ ! -e .git/held ] && [ $i -lt 300 ]; do sleep 0.1; i=$((i + 1)); done; ';
    const both = await Promise.all([
      session(repo, 'Write the first half.', [
        writes(repo.path('first.txt'), 'first\n'),
        { tool: 'Bash', input: { command: `${held}git add -A && git commit -q -m both` } },
        { text: 'Done.' },
      ]),
      session(repo, 'Write the second half.', [
        writes(repo.path('second.txt'), 'second\n'),
        { tool: 'Bash', input: { command: 'git add -A && git commit -q -m late || echo lost the race' } },
        { text: 'It is in already.' },
      ]),
    ]);
    ids = both.map(({ sessionId }) => sessionId);
    taken = await shownBySubject(repo, 'both');
  }, SETUP_MS);

  // What the commit that failed had prepared goes on waiting, for an hour.
  afterAll(() => strike(repo, 1));

  test('one commit took the files of both: each says whose it is', async () => {
    expect(taken.agent?.sessionId).toBe(ids[0]);
    expect(taken.files.map(({ path, by, sessionId }) => [path, by, sessionId])).toEqual([
      ['first.txt', 'agent', undefined],
      ['second.txt', 'agent', ids[1]],
    ]);
    await expectSealed(repo);
  });

  test('the other session is named, with its model and what it was asked', () => {
    expect(taken.contributors).toMatchObject([
      { name: 'claude-code', sessionId: ids[1], task: { text: 'Write the second half.' } },
    ]);
    expect([MODEL, null]).toContain(taken.contributors?.[0]?.model.name);
  });

  test('the commit that lost the race left no record on any other', async () => {
    expect(await repo.git('rev-list', '--count', '--all', '--', 'second.txt')).toBe('1');
    const notes = await repo.git('notes', '--ref=agent-log', 'list');
    expect(notes.split('\n')).toHaveLength(1);
    expect(taken.integrity).toEqual({ ok: true, problems: [] });
    // What it had prepared waits, and is given up when nobody comes for it.
    await repo.commit('By hand', { 'hand.txt': 'by hand\n' });
    expect((await repo.run(['show', 'HEAD', '--json'])).stdout).toContain('"binding":"none"');
  });
});
