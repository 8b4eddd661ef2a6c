import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { namedUuid, type OscalSource, oscalResults } from '../../../lib/evidence/exports/oscal.ts';
import { evidenceDecision } from '../../support/evidence.ts';
import { problemsByFixture } from '../../support/published-formats.ts';
import { storedExecution } from '../../support/records.ts';

const problems = problemsByFixture('oscal/assessment-results.excerpt.json');

interface Finding {
  readonly uuid: string;
  readonly title: string;
  readonly description: string;
  readonly props: readonly { readonly name: string; readonly value: string }[];
  readonly target: { readonly 'target-id': string; readonly status: { readonly state: string } };
}

interface Results {
  readonly 'assessment-results': {
    readonly results: readonly {
      readonly start: string;
      readonly observations?: readonly {
        readonly uuid: string;
        readonly collected: string;
        readonly props: readonly object[];
      }[];
      readonly findings?: readonly Finding[];
      readonly 'reviewed-controls': object;
    }[];
  };
}

async function textOf(fields: Partial<OscalSource> = {}): Promise<string> {
  const source: OscalSource = {
    name: 'tip',
    at: Date.UTC(2026, 10, 22, 12) / 1000,
    version: '0.1.0',
    decisions: [],
    records: async function* () {},
    ...fields,
  };
  const parts: string[] = [];
  for await (const part of oscalResults(source)) parts.push(part);
  return parts.join('\n');
}

async function resultOf(
  fields: Partial<OscalSource> = {},
): Promise<Results['assessment-results']['results'][number]> {
  const document = JSON.parse(await textOf(fields)) as Results;
  expect(problems(document)).toEqual([]);
  const [result] = document['assessment-results'].results;
  if (result === undefined) throw new Error('no result');
  return result;
}

const records: OscalSource['records'] = async function* () {
  yield { stored: STORED, bound: { commit: 'a'.repeat(40), grade: 'exact', sealed: true } };
  yield { stored: OTHER, bound: null };
};
const STORED = storedExecution();
const OTHER = storedExecution({ sponsor: null });

describe('OSCAL', () => {
  test('is valid of nothing: lists that would be empty are not there', async () => {
    const result = await resultOf();
    expect(result).not.toHaveProperty('observations');
    expect(result['reviewed-controls']).toEqual({
      'control-selections': [
        { 'include-all': {}, description: 'No rule that was evaluated names a control.' },
      ],
    });
  });

  test('has an observation per record and decision, and a finding per decision', async () => {
    const decisions = [evidenceDecision({ controls: ['NIST:CM-3', 'SOC2:CC8.1'] })];
    const result = await resultOf({ records, decisions });
    expect(result.observations).toHaveLength(3);
    expect(result.findings?.map(({ target }) => target.status.state)).toEqual(['satisfied']);
    const named = result.findings?.[0]?.props.filter(({ name }) => name === 'control');
    expect(named?.map(({ value }) => value)).toEqual(['NIST:CM-3', 'SOC2:CC8.1']);
    expect(result['reviewed-controls']).toEqual({
      'control-selections': [
        { 'include-controls': [{ 'control-id': 'NIST_CM-3' }, { 'control-id': 'SOC2_CC8.1' }] },
      ],
    });
  });

  test('is the same bytes again, with ids of version 5', async () => {
    const decisions = [evidenceDecision()];
    expect(await textOf({ records, decisions })).toBe(await textOf({ records, decisions }));
    expect(namedUuid('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(namedUuid('a')).not.toBe(namedUuid('b'));
  });

  test('attack: what nobody of the target vouches for satisfies nothing, whatever it says', async () => {
    const decisions = [
      evidenceDecision({}, { basis: 'asserted', signedBy: null }),
      ...(['fail', 'warn', 'error', 'skip'] as const).map((result) => evidenceDecision({ result })),
    ];
    const { findings = [] } = await resultOf({ decisions });
    expect(new Set(findings.map(({ target }) => target.status.state))).toEqual(new Set(['not-satisfied']));
  });

  test('attack: any text keeps it valid', async () => {
    const anyText = fc
      .array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...STRANGE)))
      .map((all) => all.join(''));
    await fc.assert(
      fc.asyncProperty(anyText, anyText, async (rule, message) => {
        const decisions = [evidenceDecision({ rule, message, controls: [rule], stage: 'mr' })];
        const agent = { name: rule, version: null, sessionId: null, chain: [] };
        const sponsor = { name: rule, email: message, source: 'flag' as const };
        const stored = { ...STORED, record: { ...STORED.record, agent, sponsor } };
        await resultOf({
          name: message,
          decisions,
          records: async function* () {
            yield { stored, bound: null };
          },
        });
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ['<b>a</b> & "b"', String.raw`\<b\>a\</b\> \& \"b\"`],
    ['![x](http://h) {{ insert: param, a }}', String.raw`!\[x\](http://h) \{\{ insert: param, a \}\}`],
    ['# a', String.raw`\# a`],
    ['12. a', String.raw`12\. a`],
    ['1.2 a', '1.2 a'],
    ['3)', String.raw`3\)`],
    ['- a', String.raw`\- a`],
    ['a\ud800\uffff', 'a\ufffd\ufffd'],
    ['', String.raw`\-`],
    ['a\\n\n', String.raw`a\\n\\n`],
  ])('attack: %j is no markup in a title or a description', async (text, written) => {
    const { findings = [] } = await resultOf({
      decisions: [evidenceDecision({ rule: text, message: text })],
    });
    expect(findings.map(({ title, description }) => [title, description])).toEqual([[written, written]]);
  });

  test.each([
    '2026-13-01T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:00:60Z',
    '1899-12-31T23:59:59Z',
    '3000-01-01T00:00:00Z',
  ])(
    'attack: %s, a time OSCAL has not, was recorded by when the ledger was last written',
    async (recordedAt) => {
      const { observations = [] } = await resultOf({
        decisions: [evidenceDecision({ recordedAt })],
        records: async function* () {
          yield { stored: storedExecution({ recordedAt }), bound: null };
        },
      });
      expect(observations).toHaveLength(2);
      for (const { collected, props } of observations) {
        expect(collected).toBe('2026-11-22T12:00:00.000Z');
        expect(props).toContainEqual(expect.objectContaining({ name: 'recorded-at', value: recordedAt }));
      }
    },
  );

  test.each([Number.POSITIVE_INFINITY, 8.64e13, 32503680000])(
    'attack: a ledger that was written %d seconds after 1970 is told',
    async (at) => {
      expect((await resultOf({ at })).start).toBe('2999-12-31T23:59:59.000Z');
    },
  );

  test('names the resource that its plan is, and where that is', async () => {
    const { 'assessment-results': results } = JSON.parse(await textOf()) as {
      'assessment-results': {
        'import-ap': { href: string };
        'back-matter': { resources: { uuid: string; rlinks: { href: string }[] }[] };
      };
    };
    const [resource] = results['back-matter'].resources;
    expect(results['import-ap'].href).toBe(`#${resource?.uuid ?? ''}`);
    expect(resource?.rlinks.map(({ href }) => href)).toEqual(['.agent-log/policy.yaml']);
  });
});

/** Halves of characters, none at all, ends of lines, white space, what starts and ends markup. */
const STRANGE = [
  '\ud800',
  '\udc00',
  '\uffff',
  '\0',
  '\n',
  '\r\n',
  '\u2028',
  '\u0085',
  '\ufeff',
  '\u00a0',
  ' ',
  '\t',
  '{{',
  '1',
  '-',
];

/** One of each rule of the published schema: a document that breaks it is refused. */
describe('the excerpt of OSCAL’s schema', () => {
  const SPOILT: readonly [string, (results: Spoilable) => void][] = [
    ['no start', ({ result }) => delete result['start']],
    ['no controls', ({ result }) => delete result['reviewed-controls']],
    ['an empty list', ({ result }) => Object.assign(result, { observations: [] })],
    ['a member there is not', ({ result }) => Object.assign(result, { verdict: 'pass' })],
    ['all controls and some', ({ selection }) => Object.assign(selection, { 'include-all': {} })],
    [
      'a control called by a number',
      ({ selection }) => Object.assign(selection, { 'include-controls': [{ 'control-id': '1a' }] }),
    ],
    ['no method', ({ observation }) => Object.assign(observation, { methods: [] })],
    ['no time', ({ observation }) => delete observation['collected']],
    ['30 February', ({ observation }) => Object.assign(observation, { collected: '2026-02-30T00:00:00Z' })],
    ['no time zone', ({ observation }) => Object.assign(observation, { collected: '2026-02-03T00:00:00' })],
    [
      'a UUID of version 1',
      ({ observation }) => Object.assign(observation, { uuid: '6ba7b811-9dad-11d1-80b4-00c04fd430c8' }),
    ],
    ['a title of two lines', ({ finding }) => Object.assign(finding, { title: 'a\nb' })],
    ['an empty title', ({ finding }) => Object.assign(finding, { title: '' })],
    ['no target', ({ finding }) => delete finding['target']],
    [
      'white space around a value',
      ({ finding }) => Object.assign(finding, { props: [{ name: 'a', value: ' b' }] }),
    ],
    ['an empty value', ({ finding }) => Object.assign(finding, { props: [{ name: 'a', value: '' }] })],
    [
      'a namespace that is no URI',
      ({ finding }) => Object.assign(finding, { props: [{ name: 'a', ns: 'b', value: 'c' }] }),
    ],
    [
      'a URI with a space',
      ({ observation }) =>
        Object.assign(observation, { 'relevant-evidence': [{ href: 'a b', description: 'c' }] }),
    ],
  ];

  test.each(SPOILT)('refuses %s', async (_what, spoil) => {
    const text = await textOf({ records, decisions: [evidenceDecision({ controls: ['a'] })] });
    const document = JSON.parse(text) as { 'assessment-results': { results: Member[] } };
    expect(problems(document)).toEqual([]);
    const [result = {}] = document['assessment-results'].results;
    spoil({
      result,
      observation: (result['observations'] as Member[])[0] ?? {},
      finding: (result['findings'] as Member[])[0] ?? {},
      selection:
        (result['reviewed-controls'] as { 'control-selections': Member[] })['control-selections'][0] ?? {},
    });
    expect(problems(document)).not.toEqual([]);
  });
});

type Member = Record<string, unknown>;
type Spoilable = Readonly<Record<'result' | 'observation' | 'finding' | 'selection', Member>>;

test('rules whose names differ only in what OSCAL tokens lack stay two, by the same ids every time', async () => {
  const names = ['iac.review', 'iac review', 'iac:review', 'iac_review'];
  const decisions = names.map((rule, i) =>
    evidenceDecision({ rule }, { digest: `sha256:${`${i}`.repeat(64)}` }),
  );
  const idsOf = async (): Promise<(string | undefined)[]> =>
    (await resultOf({ decisions })).findings?.map(({ target }) => target['target-id']) ?? [];
  const ids = await idsOf();
  expect(new Set(ids).size).toBe(names.length);
  expect(ids).toEqual(expect.arrayContaining(['iac.review', 'iac_review']));
  decisions.reverse();
  expect(new Set(await idsOf())).toEqual(new Set(ids));
});
