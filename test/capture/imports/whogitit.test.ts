import { describe, expect, it } from 'vitest';
import { parseWhogitit } from '../../../lib/capture/imports/whogitit.ts';
import { documentFrom, importFixture } from '../../support/import-fixtures.ts';

describe('a whogitit note', () => {
  const { sessions, format, unread } = documentFrom(parseWhogitit(importFixture('whogitit.v3.json')));
  const [session] = sessions;

  it('gives one session with model, time and counts', () => {
    expect(sessions).toHaveLength(1);
    expect(format).toBe('whogitit/3');
    expect(session).toMatchObject({
      session: '7f3a4b2c-9d1e-8a7b-c3d4-e5f6a7b8c9d0',
      model: { provider: 'anthropic', name: 'claude-opus-4-5-20251101' },
      at: '2026-01-30T14:23:17.000Z',
    });
    expect(Object.fromEntries(session?.counts ?? [])).toEqual({ prompts: 2, subagents: 1 });
  });

  it('gives lines by the summary, and by the lines where there is none', () => {
    expect(session?.files).toEqual([
      { path: 'src/auth.rs', lines: { agent: 25, mixed: 3, human: 2, unknown: 0 } },
      { path: 'src/main.rs', lines: { agent: 1, human: 1 } },
    ]);
  });

  it('gives the prompts, in UTC', () => {
    expect(session?.texts).toEqual([
      { kind: 'prompt', text: 'Add user authentication with bcrypt', at: '2026-01-30T14:23:45.000Z' },
      { kind: 'prompt', text: 'Now the tests', at: '2026-01-30T13:30:00.000Z' },
    ]);
  });

  it('names what it does not take', () => {
    expect(unread).toEqual([{ field: 'session.used_plan_mode', count: 1 }]);
  });

  it.each([1, 4, 99])('of version %d is named, not guessed', (version) => {
    const note = JSON.stringify({ ...(JSON.parse(importFixture('whogitit.v3.json')) as object), version });
    expect(parseWhogitit(note)).toEqual({
      problem: { code: 'unknown-version', detail: `version ${version}` },
    });
  });

  it.each([
    ['text', 'not-json', 'Written by a person'],
    ['a number', 'invalid', '3'],
    ['no version', 'unknown-version', '{"session":{}}'],
    ['a version in words', 'unknown-version', '{"version":"3"}'],
    ['no session', 'invalid', '{"version":3}'],
  ])('that is %s is named', (_, code, note) => {
    expect(parseWhogitit(note)).toMatchObject({ problem: { code } });
  });
});
