import { describe, expect, it } from 'vitest';
import { type EntireFolder, hasOldEntireTrailer, parseEntire } from '../../../lib/capture/imports/entire.ts';
import { documentFrom, importFixture } from '../../support/import-fixtures.ts';

const METADATA = importFixture('entire.session.json');

function folder(files: Readonly<Record<string, string>>): EntireFolder {
  return {
    files: new Map(Object.entries(files)),
    sizes: new Map(Object.entries(files).map(([name, text]) => [name, text.length])),
  };
}

describe('a session of an Entire checkpoint', () => {
  const { sessions, unread, toolVersion } = documentFrom(
    parseEntire(
      folder({
        'metadata.json': METADATA,
        'prompt.txt': 'Make it faster\n',
        'full.jsonl': '{"a":1}\n',
        'full.jsonl.001': '{"b":2}\n',
        'context.md': '# ctx',
        'content_hash.txt': 'sha256:00',
      }),
    ),
  );
  const [session] = sessions;

  it('gives agent, model, time, files and tokens', () => {
    expect(toolVersion).toBe('0.6.1');
    expect(session).toMatchObject({
      id: 'a3b2c4d5e6f7',
      session: '2026-02-10-7d0fdc3f-8d5c-44a2-b7f5-2fbb1b4c9a10',
      agent: { name: 'Claude Code' },
      model: { name: 'claude-sonnet-4-20250514' },
      at: '2026-02-10T11:34:56.789Z',
      files: [{ path: 'src/app.ts' }, { path: 'src/util.ts' }],
      usage: {
        cumulative: false,
        tokens: {
          inputTokens: 1500,
          outputTokens: 700,
          cacheReadInputTokens: 9000,
          cacheCreationInputTokens: 200,
        },
      },
    });
    expect(Object.fromEntries(session?.counts ?? [])).toEqual({
      turns: 5,
      steps: 3,
      agentAdded: 40,
      agentRemoved: 2,
      humanAdded: 3,
      humanModified: 1,
      humanRemoved: 0,
      committed: 44,
      changed: 46,
    });
  });

  it('gives the prompt, and of the transcript how much it is', () => {
    expect(session?.texts).toEqual([
      { kind: 'prompt', text: 'Make it faster', at: '2026-02-10T11:34:56.789Z' },
    ]);
    expect(session?.bulk).toEqual([
      { kind: 'transcript', count: 2, size: 16 },
      { kind: 'context', count: 1, size: 5 },
    ]);
  });

  it('names what it does not take', () => {
    expect(unread.map(({ field }) => field)).toEqual([
      'branch',
      'prompt_attributions',
      'strategy',
      'token_usage.api_call_count',
      'turn_id',
    ]);
  });

  it('with attribution counted in a way nobody knows yet takes none of it', () => {
    const later = METADATA.replace('"metric_version": 2', '"metric_version": 3');
    const [one] = documentFrom(parseEntire(folder({ 'metadata.json': later }))).sessions;
    expect(one?.gaps).toEqual(['attribution of metric version 3 is not known']);
    expect([...(one?.counts.keys() ?? [])]).toEqual(['turns', 'steps']);
  });

  it.each([
    ['no metadata', {}, 'missing'],
    ['damaged metadata', { 'metadata.json': METADATA.slice(0, 99) }, 'not-json'],
    ['a list', { 'metadata.json': '[]' }, 'invalid'],
    [
      'an id of another kind',
      { 'metadata.json': METADATA.replace('a3b2c4d5e6f7', 'v2-17') },
      'unknown-version',
    ],
    ['no session', { 'metadata.json': METADATA.replace('session_id', 'session') }, 'invalid'],
  ])('with %s is named', (_, files, code) => {
    expect(parseEntire(folder(files))).toMatchObject({ problem: { code } });
  });
});

describe('a message', () => {
  it('may have the trailers of an older Entire', () => {
    expect(
      hasOldEntireTrailer('x\n\nEntire-Session: 2025-12-01-abc\nEntire-Source-Ref: entire/metadata@1234'),
    ).toBe(true);
    expect(hasOldEntireTrailer('x\n\nEntire-Checkpoint: a3b2c4d5e6f7')).toBe(false);
  });
});
