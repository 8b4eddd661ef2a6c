import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAgentTrace, parseAgentTraces } from '../../../lib/capture/imports/agent-trace.ts';
import { parseEntire } from '../../../lib/capture/imports/entire.ts';
import type { Part } from '../../../lib/capture/imports/gather.ts';
import { parseGitAi } from '../../../lib/capture/imports/git-ai.ts';
import { parseGitvow } from '../../../lib/capture/imports/gitvow.ts';
import { MAX_SOURCE_BYTES } from '../../../lib/capture/imports/json.ts';
import { mergeSessions } from '../../../lib/capture/imports/merge.ts';
import { newKnown, planImport } from '../../../lib/capture/imports/plan.ts';
import { countLines, type LineRange } from '../../../lib/capture/imports/ranges.ts';
import { NO_SESSION, type ParsedSource, type SourceSession } from '../../../lib/capture/imports/source.ts';
import { parseWhogitit } from '../../../lib/capture/imports/whogitit.ts';
import { documentFrom, gitAiNote, importFixture } from '../../support/import-fixtures.ts';

type Parser = (source: Uint8Array | string) => ParsedSource;

const entire: Parser = (source) =>
  parseEntire({ files: new Map([['metadata.json', source]]), sizes: new Map() });

const PARSERS: readonly (readonly [string, Parser, string])[] = [
  ['git-ai', parseGitAi, importFixture('git-ai.mixed.txt')],
  ['whogitit', parseWhogitit, importFixture('whogitit.v3.json')],
  ['gitvow', parseGitvow, importFixture('gitvow.9.txt')],
  ['entire', entire, importFixture('entire.session.json')],
  ['agent-trace', parseAgentTrace, importFixture('agent-trace.json')],
];

/** Every source is a document or a named problem, made of plain values a record can hold. */
function expectAnswer(parsed: ParsedSource): void {
  if ('problem' in parsed) {
    expect(parsed.problem.code).toMatch(/^[a-z-]+$/);
    expect(parsed.problem.detail.length).toBeLessThan(300);
    return;
  }
  for (const { id, session, agent, model, files, counts, usage } of parsed.document.sessions) {
    for (const label of [id, session, agent.name, agent.version, model.provider, model.name])
      expect(label ?? 'x').toMatch(/^[^\u0000-\u001f\u007f-\u009f]{1,500}$/);
    const numbers = [
      ...counts.values(),
      ...files.flatMap(({ lines }) => Object.values(lines) as number[]),
      ...Object.values(usage?.tokens ?? {}),
    ];
    for (const n of numbers) expect(Number.isSafeInteger(n) && n >= 0).toBe(true);
  }
}

/** JSON text with keys no object should have and values of the wrong type everywhere. */
function hostileJson(fixture: string): fc.Arbitrary<string> {
  const start = fixture.indexOf('{');
  const value = JSON.parse(fixture.slice(start)) as object;
  const paths = leafPaths(value);
  const junk = fc.oneof(
    fc.json({ maxDepth: 2 }),
    fc.constantFrom(
      'null',
      '-1',
      '1e999',
      '1.5',
      '""',
      '[]',
      '{}',
      '{"__proto__":{"polluted":1}}',
      '"\\u0000\\u001b[2J"',
    ),
  );
  return fc.tuple(fc.constantFrom(...paths), junk).map(([path, text]) => {
    const copy = structuredClone(value);
    setAt(copy, path, 'JUNK-TO-REPLACE');
    return fixture.slice(0, start) + JSON.stringify(copy).replace('"JUNK-TO-REPLACE"', () => text);
  });
}

function leafPaths(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [[...path]];
  const below = Object.entries(value).flatMap(([key, item]) => leafPaths(item, [...path, key]));
  return path.length === 0 ? below : [[...path], ...below];
}

function setAt(value: object, path: readonly string[], leaf: unknown): void {
  const parent = path
    .slice(0, -1)
    .reduce((at, key) => at[key] as Record<string, unknown>, value as Record<string, unknown>);
  parent[path.at(-1) ?? ''] = leaf;
}

describe.each(PARSERS)('whatever it is given, the parser for %s', (_, parse, fixture) => {
  it('answers for any bytes and any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 400 }), fc.string({ unit: 'binary' })), (source) =>
        expectAnswer(parse(source)),
      ),
    );
  });

  it('answers for a source with a piece cut out, doubled or replaced', () => {
    const bytes = Buffer.from(fixture);
    const at = fc.nat(bytes.length);
    fc.assert(
      fc.property(at, at, fc.uint8Array({ maxLength: 12 }), (a, b, put) => {
        expectAnswer(parse(Buffer.concat([bytes.subarray(0, a), put, bytes.subarray(b)])));
      }),
    );
  });

  it('answers for any value in the place of any field', () => {
    fc.assert(fc.property(hostileJson(fixture), (source) => expectAnswer(parse(source))));
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it.each([
    ['brackets', '['.repeat(5_000_000)],
    ['braces', '{"a":'.repeat(1_000_000)],
    ['commas', `[${'0,'.repeat(4_000_000)}0]`],
    ['quotes', '"\\"'.repeat(2_000_000)],
    ['backslashes', `"${'\\'.repeat(8_000_000)}`],
    ['line feeds', '\n'.repeat(8_000_000)],
    ['spaces', ' '.repeat(8_000_000)],
    ['dividers', '---  x\n'.repeat(1_000_000)],
    ['heads', 'gitvow-session \n'.repeat(500_000)],
    ['more than the limit', 'x'.repeat(MAX_SOURCE_BYTES + 1)],
  ])('ends on millions of %s', (_name, source) => {
    expect(parse(source)).toHaveProperty('problem');
  });

  it('takes keys of every object for keys of this one', () => {
    const source = fixture.replace(
      '{',
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1,',
    );
    expect(documentFrom(parse(source)).unread.map(({ field }) => field)).toEqual(
      expect.arrayContaining(['__proto__', 'constructor', 'toString']),
    );
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe('a git-ai note', () => {
  it('with __proto__ and constructor for ids is read like any other', () => {
    const prompt = (id: string): string => `{"agent_id":{"tool":"t","id":"${id}","model":"m"}}`;
    const note = `a.ts\n  __proto__ 1-3\n  constructor 4\n---\n{"schema_version":"authorship/3.0.0","prompts":{"__proto__":${prompt('p')},"constructor":${prompt('c')}}}`;
    expect(documentFrom(parseGitAi(note)).sessions.map(({ session, files }) => [session, files])).toEqual([
      ['p', [{ path: 'a.ts', lines: { agent: 3 } }]],
      ['c', [{ path: 'a.ts', lines: { agent: 1 } }]],
    ]);
  });

  it('with a hundred thousand persons, ids or paths is read in one pass', () => {
    const json = '{"schema_version":"authorship/3.0.0"}';
    const ids = Array.from({ length: 99_000 }, (_, i) => `  h_${i} 1\n`).join('');
    expect(documentFrom(parseGitAi(`f\n${ids}---\n${json}`)).problems).toHaveLength(20);
    expect(documentFrom(parseGitAi(`${'f\n'.repeat(1_000_000)}---\n${json}`)).sessions).toEqual([]);
    const tooMany = `f\n  h_1 ${'1,'.repeat(7_000_000)}1\n---\n${json}`;
    expect(parseGitAi(tooMany)).toMatchObject({ problem: { code: 'too-many' } });
  });

  it('gives back the sessions, authors and counts it was made of', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,7}$/);
    const session = fc.record({
      id: name,
      tool: name,
      model: name,
      author: name.map((one) => `${one} <${one}@example.com>`),
      accepted: fc.nat(1e6),
      files: fc.dictionary(
        name.map((one) => `src/${one}.ts`),
        fc.integer({ min: 1, max: 500 }).map((n) => `1-${n}`),
        {
          noNullPrototype: true,
        },
      ),
    });
    fc.assert(
      fc.property(fc.uniqueArray(session, { selector: ({ id }) => id, maxLength: 6 }), (made) => {
        const read = documentFrom(parseGitAi(gitAiNote(made))).sessions;
        const facts = read.map((one) => ({
          id: one.session,
          tool: one.agent.name,
          model: one.model.name,
          author: one.author,
          accepted: one.counts.get('accepted'),
          files: Object.fromEntries(one.files.map(({ path, lines }) => [path, `1-${lines.agent}`])),
        }));
        expect(new Set(facts.map((fact) => JSON.stringify(sorted(fact))))).toEqual(
          new Set(made.map((fact) => JSON.stringify(sorted(fact)))),
        );
      }),
    );
  });
});

function sorted(value: object): object {
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]): [string, unknown] => [
        key,
        typeof item === 'object' ? sorted(item as object) : item,
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

describe('a file of traces', () => {
  it('is as many traces and problems as it has lines', () => {
    const fine = JSON.stringify(JSON.parse(importFixture('agent-trace.json')));
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(fine, '{', '{"version":"7.0"}', 'x'), { minLength: 2, maxLength: 20 }),
        (lines) => {
          const { traces, problems } = parseAgentTraces(lines.join('\n'));
          expect(traces).toHaveLength(lines.filter((line) => line === fine).length);
          expect(traces.length + problems.length).toBe(lines.length);
        },
      ),
    );
  });
});

describe('counting lines', () => {
  it('counts a line once, however many ranges it is in', () => {
    const range = fc
      .tuple(fc.integer({ min: 1, max: 60 }), fc.nat(20))
      .map(([from, more]): LineRange => [from, from + more]);
    fc.assert(
      fc.property(fc.array(range), (ranges) => {
        const lines = new Set(
          ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i)),
        );
        expect(countLines(ranges)).toBe(lines.size);
      }),
    );
  });
});

const SESSION: fc.Arbitrary<SourceSession> = fc
  .record({
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    added: fc.nat(1000),
    input: fc.nat(1000),
    path: fc.constantFrom('x.ts', 'y.ts', '__proto__'),
  })
  .map(({ id, added, input, path }) => ({
    ...NO_SESSION,
    id,
    session: 's',
    counts: new Map([['added', added]]),
    usage: {
      cumulative: false,
      tokens: { inputTokens: input, outputTokens: 0, cacheReadInputTokens: 0, cacheCreationInputTokens: 0 },
    },
    files: [{ path, lines: { agent: added } }],
  }));

describe('merging what several sources tell of a session', () => {
  it('adds up each of them once', () => {
    fc.assert(
      fc.property(fc.array(SESSION, { minLength: 1, maxLength: 8 }), (sessions) => {
        const first = [...new Map([...sessions].reverse().map((one) => [one.id, one])).values()];
        const sum = first.reduce((all, { counts }) => all + (counts.get('added') ?? 0), 0);
        const merged = mergeSessions(sessions);
        expect(merged.counts.get('added')).toBe(sum);
        expect(merged.files.reduce((all, { lines }) => all + (lines.agent ?? 0), 0)).toBe(sum);
        expect(merged.usage?.tokens.inputTokens).toBe(
          first.reduce((all, { usage }) => all + (usage?.tokens.inputTokens ?? 0), 0),
        );
        expect(new Set(merged.ids)).toEqual(new Set(sessions.map(({ id }) => id)));
      }),
    );
  });
});

describe('a plan', () => {
  it('is the same in whatever order the sources come', () => {
    const order = ['1', '2', '3'].map((digit) => digit.repeat(40));
    const commits = new Map(order.map((oid, i) => [oid, { oid, at: i * 1000, paths: new Set<string>() }]));
    const part = fc.record({
      commit: fc.constantFrom(...order),
      unit: fc.constantFrom('u', 'v'),
      session: SESSION,
    });
    const parts = fc
      .uniqueArray(part, {
        selector: ({ commit, unit, session }) => `${commit} ${unit} ${session.id}`,
        maxLength: 10,
      })
      .map((all) => all.map(partOf));
    fc.assert(
      fc.property(
        parts.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([some, others]) => {
          const { known } = newKnown();
          const facts = [some, others].map((all) =>
            planImport('git-ai', all, commits, order, known).map(
              ({ commit, unit, txn, digest, session }) => ({
                commit,
                unit,
                txn,
                digest,
                added: session.counts.get('added'),
              }),
            ),
          );
          expect(facts[0]).toEqual(facts[1]);
          expect(new Set(facts[0]?.map(({ txn }) => txn)).size).toBe(
            new Set(facts[0]?.map(({ unit }) => unit)).size,
          );
        },
      ),
    );
  });
});

function partOf({ commit, unit, session }: { commit: string; unit: string; session: SourceSession }): Part {
  return {
    place: { commit, ref: 'refs/notes/ai', address: session.id, byName: false, gaps: [] },
    digest: `sha256:${session.id.repeat(64)}`,
    index: 0,
    unit,
    session,
    document: { format: null, toolVersion: null, unread: [] },
  };
}
