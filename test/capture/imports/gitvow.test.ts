import { describe, expect, it } from 'vitest';
import { parseGitvow } from '../../../lib/capture/imports/gitvow.ts';
import { documentFrom, importFixture } from '../../support/import-fixtures.ts';

const NOTE = importFixture('gitvow.9.txt');

describe('a gitvow note', () => {
  const { sessions, format, unread } = documentFrom(parseGitvow(NOTE));
  const [session] = sessions;

  it('gives session, step, model, plan and tokens', () => {
    expect(format).toBe('gitvow-session/9');
    expect(session).toMatchObject({
      session: '8f3d5c71-574a-4eec-8903-9425e3a8335b',
      step: 4,
      model: { provider: null, name: 'claude-sonnet-4' },
      texts: [{ kind: 'reason', text: 'Change the cache key to include week start.' }],
      usage: {
        cumulative: true,
        tokens: {
          inputTokens: 1200,
          outputTokens: 340,
          cacheReadInputTokens: 9000,
          cacheCreationInputTokens: 800,
        },
      },
    });
  });

  it('gives files the agent wrote, with lines where it counts them', () => {
    expect(session?.files).toEqual([
      { path: 'src/cache.java', lines: { agent: 2, human: 1 } },
      { path: 'src/other.java', lines: {} },
    ]);
    expect(Object.fromEntries(session?.counts ?? [])).toEqual({
      turns: 41,
      toolCalls: 118,
      subagents: 1,
      subagentToolCalls: 6,
      files: 2,
      filesByAgent: 1,
      added: 3,
      changedAfter: 1,
    });
  });

  it('names what it does not take: a decision of its own is no approval of ours', () => {
    expect(unread.map(({ field }) => field)).toEqual([
      'attribution.agent_share',
      'committed_at',
      'decisions',
      'snapshot',
      'tools_used',
      'usage.estimated_cost_usd',
      'usage.pricing',
      'usage.reasoning_tokens',
    ]);
  });

  it('of 0.1 has no schema, and counts where there are lists now', () => {
    const old =
      'gitvow-session\n{"session_id":"s1","step":1,"attribution":{"files_in_commit":1,"touched_by_agent":1}}';
    const {
      sessions: [one],
      format: version,
    } = documentFrom(parseGitvow(old));
    expect(version).toBe('gitvow-session/0');
    expect(one).toMatchObject({ session: 's1', step: 1, usage: null });
  });

  it('holds several sessions after a squash', () => {
    const other = NOTE.replace('8f3d5c71', '00000000');
    const both = documentFrom(parseGitvow(`${NOTE}\n\n${other}`));
    expect(both.sessions.map(({ session: id }) => id?.slice(0, 8))).toEqual(['8f3d5c71', '00000000']);
  });

  it('with several models says so and picks none', () => {
    const two = NOTE.replace('"models": { "claude-sonnet-4": 12 }', '"models": { "a": 1, "b": 2 }');
    expect(documentFrom(parseGitvow(two)).sessions[0]).toMatchObject({
      model: { name: null },
      gaps: ['gitvow names 2 models: a, b'],
    });
  });

  it.each([
    ['a newer schema', NOTE.replace('"schema": 9', '"schema": 10'), 'unknown-version'],
    ['a schema in words', NOTE.replace('"schema": 9', '"schema": "nine"'), 'unknown-version'],
    ['a rule', 'gitvow-rule-decision\n{}', 'unknown-version'],
    ['text before it', `see below\n${NOTE}`, 'unknown-version'],
    ['nothing', '', 'unknown-version'],
    ['half of it', NOTE.slice(0, 400), 'not-json'],
  ])('with %s is named, not guessed', (_, note, code) => {
    expect(parseGitvow(note)).toMatchObject({ problem: { code } });
  });
});
