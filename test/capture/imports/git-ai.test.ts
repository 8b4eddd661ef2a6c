import { describe, expect, it } from 'vitest';
import { parseGitAi } from '../../../lib/capture/imports/git-ai.ts';
import { documentFrom, gitAiNote, importFixture } from '../../support/import-fixtures.ts';

describe('a git-ai note', () => {
  it('gives its prompts with agent, model, person, lines and counts', () => {
    const { sessions, format, toolVersion, problems } = documentFrom(
      parseGitAi(importFixture('git-ai.prompts.txt')),
    );
    expect({ format, toolVersion, problems }).toEqual({
      format: 'authorship/3.0.0',
      toolVersion: '1.0.23',
      problems: [],
    });
    expect(
      sessions.map(({ id, agent, session, model, author }) => [id, agent.name, session, model.name, author]),
    ).toEqual([
      [
        'abcd1234abcd1234',
        'cursor',
        '6ef2299e-a67f-432b-aa80-3d2fb4d28999',
        'claude-4.5-opus',
        'Jane Doe <jane@example.com>',
      ],
      [
        'ef015678ef015678',
        'claude',
        'a1b2c3d4-e5f6-7890-abcd-ef1234567890',
        'claude-3-sonnet',
        'john@example.com',
      ],
    ]);
    expect(sessions.map(({ files }) => files)).toEqual([
      [
        { path: 'src/main.rs', lines: { agent: 16 } },
        { path: 'src/my file.rs', lines: { agent: 50 } },
      ],
      [{ path: 'src/main.rs', lines: { agent: 7 } }],
    ]);
    expect(sessions.map(({ counts }) => Object.fromEntries(counts))).toEqual([
      { added: 25, deleted: 5, accepted: 20, overridden: 2 },
      { added: 7, deleted: 0, accepted: 7, overridden: 0 },
    ]);
  });

  it('gives what was asked and which tools were called, and of answers only how much they are', () => {
    const [first] = documentFrom(parseGitAi(importFixture('git-ai.prompts.txt'))).sessions;
    expect(first?.texts).toEqual([
      { kind: 'prompt', text: 'Add error handling to the main function', at: '2025-12-05T01:22:13.211Z' },
      { kind: 'args', name: 'edit_file', text: '{"path":"src/main.rs","text":"fn main() {}"}', at: null },
    ]);
    expect(first?.bulk).toEqual([{ kind: 'answers', count: 1, size: 24 }]);
  });

  it('names the fields it does not know', () => {
    const { unread } = documentFrom(parseGitAi(importFixture('git-ai.prompts.txt')));
    expect(unread).toEqual([
      { field: 'prompts.*.custom_attributes', count: 1 },
      { field: 'prompts.*.messages_url', count: 1 },
    ]);
  });

  it('may hold prompts, sessions and persons at once', () => {
    const { sessions, problems, unread } = documentFrom(parseGitAi(importFixture('git-ai.mixed.txt')));
    expect(sessions.map(({ id, session, author }) => [id, session, author])).toEqual([
      ['c9883b05a2487d6d', 'session_old', null],
      ['s_c9883b05a2487d', 'session_123', 'Jane Doe <jane@example.com>'],
    ]);
    expect(sessions.map(({ files }) => files)).toEqual([
      [{ path: 'src/main.rs', lines: { agent: 10, human: 3 } }],
      // Two traces of a session overlap: line 15 to 20 are told once.
      [
        { path: 'src/main.rs', lines: { agent: 15, human: 3 } },
        { path: 'src/lib.rs', lines: { agent: 1 } },
      ],
    ]);
    expect(problems).toEqual([
      {
        code: 'unresolved',
        detail: '2 lines are attributed to 0000000000000000, which the note does not describe',
      },
    ]);
    expect(unread).toEqual([{ field: 'deletions', count: 1 }]);
  });

  it('takes no session under a key that can be no name, and says that it was there', () => {
    const note = importFixture('git-ai.mixed.txt').replace('"sessions": {', '"sessions": {"": {},');
    const { sessions, unread } = documentFrom(parseGitAi(note));
    expect(sessions).toHaveLength(2);
    expect(unread).toContainEqual({ field: 'sessions.*', count: 1 });
  });

  it("of a person's commit names no session", () => {
    expect(documentFrom(parseGitAi(gitAiNote([]))).sessions).toEqual([]);
  });

  it('is read with carriage returns, as an editor may have left it', () => {
    const note = importFixture('git-ai.prompts.txt').replaceAll('\n', '\r\n');
    expect(documentFrom(parseGitAi(note)).sessions.map(({ files }) => files.length)).toEqual([2, 1]);
  });

  it('of 3 MB with the whole conversation in it is read', () => {
    const messages = Array.from({ length: 3000 }, (_, i) => ({
      type: i % 2 === 0 ? 'user' : 'assistant',
      text: `${i} ${'word '.repeat(200)}`,
    }));
    const note = gitAiNote([{ id: 'big', messages, files: { 'a.ts': '1-9' } }]);
    expect(note.length).toBeGreaterThan(3_000_000);
    const [session] = documentFrom(parseGitAi(note)).sessions;
    expect(session?.texts).toHaveLength(1500);
    expect(session?.bulk[0]?.count).toBe(1500);
  });

  it.each([
    ['authorship/4.0.0', 'authorship/4.0.0'],
    ['authorship/3.0.1', 'authorship/3.0.1'],
    ['', 'no schema_version'],
  ])('of version %j is named, not guessed', (version, detail) => {
    expect(parseGitAi(gitAiNote([{ id: 'x' }], version))).toEqual({
      problem: { code: 'unknown-version', detail },
    });
  });

  it.each([
    ['nothing', '', 'invalid'],
    ['no divider', 'a.ts\n  abcd 1-2\n', 'invalid'],
    ['no JSON', '---\n{', 'not-json'],
    ['a list', '---\n[]', 'invalid'],
    ['lines before a path', `  abcdef 1-2\n${gitAiNote([])}`, 'invalid'],
    ['a range that ends before it begins', `a.ts\n  abcdef 9-2\n${gitAiNote([])}`, 'invalid'],
    ['line 0', `a.ts\n  abcdef 0\n${gitAiNote([])}`, 'invalid'],
    ['a range of words', `a.ts\n  abcdef one\n${gitAiNote([])}`, 'invalid'],
  ])('with %s is named as damaged', (_, note, code) => {
    expect(parseGitAi(note)).toMatchObject({ problem: { code } });
  });
});
