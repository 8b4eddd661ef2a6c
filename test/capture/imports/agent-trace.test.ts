import { describe, expect, it } from 'vitest';
import { parseAgentTrace, parseAgentTraces } from '../../../lib/capture/imports/agent-trace.ts';
import { documentFrom, importFixture } from '../../support/import-fixtures.ts';

const TRACE = importFixture('agent-trace.json');
const LINE = JSON.stringify(JSON.parse(TRACE));

function changed(fields: object): string {
  return JSON.stringify({ ...(JSON.parse(TRACE) as object), ...fields });
}

describe('an agent-trace record', () => {
  const { sessions, format, unread } = documentFrom(parseAgentTrace(TRACE));

  it('gives a session per conversation, without what an address may hide', () => {
    expect(format).toBe('agent-trace/0.1.0');
    expect(sessions.map(({ id, session, agent, model }) => [id, session, agent, model])).toEqual([
      [
        '550e8400-e29b-41d4-a716-446655440000',
        'https://api.cursor.com/v1/conversations/12345',
        { name: 'cursor', version: '2.4.0' },
        { provider: 'anthropic', name: 'claude-opus-4-5-20251101' },
      ],
      [
        '550e8400-e29b-41d4-a716-446655440000#2',
        'https://api.cursor.com/v1/conversations/67890',
        { name: 'cursor', version: '2.4.0' },
        { provider: null, name: 'gpt-5' },
      ],
    ]);
  });

  it('gives lines by contributor, also where a range has its own', () => {
    expect(sessions.map(({ files }) => files)).toEqual([
      [
        { path: 'src/app.ts', lines: { agent: 50, human: 2 } },
        { path: 'src/util.ts', lines: { human: 2 } },
      ],
      [{ path: 'src/util.ts', lines: { mixed: 3 } }],
    ]);
  });

  it("names what it does not take, vendors' fields among it", () => {
    expect(unread).toEqual([
      { field: 'files[].conversations[].related', count: 1 },
      { field: 'metadata.com.example.team', count: 1 },
      { field: 'metadata.confidence', count: 1 },
    ]);
  });

  it("of a local transcript keeps the name of the file and no folder of anybody's", () => {
    const files = [
      {
        path: 'a',
        conversations: [
          {
            url: 'file:///home/jane/.claude/projects/x/98ba7ee1.jsonl',
            contributor: { type: 'ai' },
            ranges: [{ start_line: 1, end_line: 1 }],
          },
        ],
      },
    ];
    expect(documentFrom(parseAgentTrace(changed({ files }))).sessions[0]?.session).toBe('98ba7ee1.jsonl');
  });

  it('of a person alone names no session', () => {
    const files = [
      {
        path: 'a',
        conversations: [{ contributor: { type: 'human' }, ranges: [{ start_line: 1, end_line: 2 }] }],
      },
    ];
    expect(documentFrom(parseAgentTrace(changed({ files }))).sessions).toEqual([]);
  });

  it.each([
    ['a newer version', changed({ version: '2.0' }), 'unknown-version', 'version 2.0'],
    ['no version', changed({ version: undefined }), 'unknown-version', 'no version'],
    [
      'another system',
      changed({ vcs: { type: 'jj', revision: 'kkmpptxz' } }),
      'no-commit',
      'the trace is of jj version control',
    ],
    ['no system', changed({ vcs: null }), 'no-commit', 'the trace is of no version control'],
    [
      'an option for a revision',
      changed({ vcs: { type: 'git', revision: '--output=x' } }),
      'no-commit',
      "the revision is no commit's id: --output=x",
    ],
  ])('with %s is named, not guessed', (_, trace, code, detail) => {
    expect(parseAgentTrace(trace)).toEqual({ problem: { code, detail } });
  });
});

describe('a file of traces', () => {
  it.each([
    ['one record', TRACE, 1],
    ['one line', `${LINE}\n`, 1],
    ['lines', `${LINE}\n\n${LINE}\n`, 2],
    ['a list', `[${LINE},${LINE}]`, 2],
  ])('may be %s', (_, text, count) => {
    expect(parseAgentTraces(text)).toMatchObject({ traces: { length: count }, problems: [] });
  });

  it('is read on past a damaged line, which is named', () => {
    const { traces, problems } = parseAgentTraces(
      `${LINE}\n${LINE.slice(0, 50)}\n${LINE}\n{"version":"9"}\n`,
    );
    expect(traces).toHaveLength(2);
    expect(problems).toEqual([
      { code: 'not-json', detail: 'line 2: not JSON' },
      { code: 'unknown-version', detail: 'line 4: version 9' },
    ]);
  });
});
