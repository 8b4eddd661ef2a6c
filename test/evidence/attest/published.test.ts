import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeRecord, type StoredRecord } from '../../../lib/core/records/record.ts';
import { newUlid } from '../../../lib/core/ulid.ts';
import { type Attested, attestationLines, statementsOf } from '../../../lib/evidence/attest/lines.ts';
import { resourceUri } from '../../../lib/evidence/attest/resource-uri.ts';
import type { Statement } from '../../../lib/evidence/attest/statement.ts';
import { evidenceApproval, evidenceDecision, evidenceDocument } from '../../support/evidence.ts';
import {
  PUBLISHED_PREDICATES,
  problemsByFixture,
  problemsOfStatement,
} from '../../support/published-formats.ts';
import { NOW, storedExecution } from '../../support/records.ts';

const envelopeProblems = problemsByFixture('in-toto/envelope.json');

function attested(fields: Partial<Attested['document']> = {}, records: StoredRecord[] = []): Attested {
  return {
    document: evidenceDocument(fields),
    notes: [{ bytes: Buffer.from(records.map(({ line }) => `${line}\n`).join('')) }],
  };
}

const said = (of: Attested): Statement[] => statementsOf(of).map(({ statement }) => statement);

type Decision = ReturnType<typeof evidenceDecision>['decision'];
const RESULTS = ['pass', 'fail', 'warn', 'error', 'skip'] as const;
const IMPORT: Decision['source'] = { kind: 'import', tool: 'junit', version: null };
const SUBJECT = evidenceDecision().decision.subject;
const withMr = (mr: string): Decision['subject'] => ({ ...SUBJECT, mr });

function revertOf(commits: string[]): StoredRecord {
  return encodeRecord({
    schema: 'agent-log/revert/v1',
    id: newUlid(NOW),
    txns: [newUlid(NOW)],
    commit: 'f'.repeat(40),
    commits,
    units: ['a'.repeat(40)],
    dependants: [],
    scope: 'full',
    verdict: 'clean',
    verified: null,
    plan: `sha256:${'7'.repeat(64)}`,
    head: 'a'.repeat(40),
    tree: 'b'.repeat(40),
    reason: null,
    by: null,
    recordedAt: new Date(NOW).toISOString(),
  });
}

describe('statements meet the formats they name', () => {
  test('decisions of each result, by our rules and by another tool', () => {
    const decisions = RESULTS.flatMap((result) =>
      [
        {},
        { source: IMPORT },
        { policy: null },
        { subject: withMr('https://h.example/g/p/-/merge_requests/1') },
      ].map((fields) => evidenceDecision({ result, ...fields })),
    );
    const all = said(attested({ decisions }));
    expect(all).toHaveLength(decisions.length);
    for (const one of all)
      expect([one.predicateType, problemsOfStatement(one)]).toEqual([one.predicateType, []]);
    const types = Object.keys(PUBLISHED_PREDICATES).filter((type) => !type.startsWith('https://gittuf.dev/'));
    expect([...new Set(all.map(({ predicateType }) => predicateType))].sort()).toEqual(types.sort());
  });

  test('approvals, work and what was taken back, of objects of either length', () => {
    const long = { tree: 'b'.repeat(64), head: 'a'.repeat(64), targetCommit: 'c'.repeat(64) };
    const approvals = [
      evidenceApproval(),
      evidenceApproval({ subject: { ...evidenceApproval().approval.subject, ...long } }),
    ];
    const records = [
      storedExecution(),
      storedExecution({ tree: 'b'.repeat(64) }),
      revertOf(['f'.repeat(40)]),
    ];
    const all = said(attested({ approvals }, records));
    expect(all).toHaveLength(5);
    expect(all.flatMap(problemsOfStatement)).toEqual([]);
  });

  test('envelopes', async () => {
    for (const line of await attestationLines(attested({ approvals: [evidenceApproval()] }), null))
      expect(envelopeProblems(JSON.parse(line))).toEqual([]);
    const signed = { payload: 'e30=', payloadType: 'application/vnd.in-toto+json' };
    expect(envelopeProblems(signed)).not.toEqual([]);
    expect(envelopeProblems({ ...signed, signatures: [{}] })).not.toEqual([]);
    expect(envelopeProblems({ ...signed, payloadType: 'application/json', signatures: [] })).not.toEqual([]);
  });

  test('attack: a revert that lists no commits, or one twice, is a statement of the commits there are', () => {
    for (const commits of [[], ['f'.repeat(40), 'f'.repeat(40)]]) {
      const all = said(attested({}, [revertOf(commits)]));
      expect(all.map(({ subject }) => subject)).toEqual([[{ digest: { gitCommit: 'f'.repeat(40) } }]]);
      expect(all.flatMap(problemsOfStatement)).toEqual([]);
    }
  });

  test('attack: a yes to a tag is none of a branch, and is told as none', () => {
    const subject = { ...evidenceApproval().approval.subject, target: 'refs/tags/v1' };
    expect(said(attested({ approvals: [evidenceApproval({ subject })] }))).toEqual([]);
  });

  test('attack: what passed at a time there is not is not stated, what failed then is, without its time', () => {
    for (const recordedAt of ['2026-13-01T00:00:00Z', '2026-02-30T00:00:00Z', '2026-01-01T24:00:00Z']) {
      const decisions = RESULTS.map((result) => evidenceDecision({ result, recordedAt }));
      const all = said(attested({ decisions }));
      expect(all.map(({ predicateType }) => predicateType)).toEqual(
        Array.from({ length: 3 }, () => 'https://slsa.dev/verification_summary/v1'),
      );
      expect(all.flatMap(problemsOfStatement)).toEqual([]);
    }
  });

  test('attack: whatever a decision holds', () => {
    const anyText = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
    const address = anyText.map((text) => `https://${text.replaceAll(/[\s\p{Cc}]/gu, '|')}x`);
    fc.assert(
      fc.property(anyText, address, fc.constantFrom(...RESULTS), (text, mr, result) => {
        const fields = { rule: text, message: text, result, subject: withMr(mr), controls: [text] };
        const policy = { ...evidenceDecision().decision.policy, path: text } as Decision['policy'];
        const decisions = [
          evidenceDecision({ ...fields, policy, source: { kind: 'rules', tool: text, version: text } }),
          evidenceDecision({ ...fields, source: { ...IMPORT, tool: text, format: text, ref: mr } }),
        ];
        const all = said(attested({ decisions }));
        expect(all).toHaveLength(2);
        expect(all.flatMap(problemsOfStatement)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('addresses', () => {
  test.each([
    ['https://h.example/g/p/-/merge_requests/1', 'https://h.example/g/p/-/merge_requests/1'],
    ['https://h.example', 'https://h.example'],
    ['https://H.Example/A', 'https://h.example/A'],
    ['https://bücher.example/ä b', 'https://xn--bcher-kva.example/%C3%A4%20b'],
    ['http://[::1]:80/a?b#c', 'http://[::1]:80/a?b#c'],
    ['https://h.example/a#b#c', null],
    ['https://h.example/?a|b', null],
    ['https://h.example/%zz', null],
    ['https://', null],
    ['ftp://h.example/', null],
    ['javascript:alert(1)', null],
    ['', null],
  ])('%s is written as %s', (text, written) => {
    expect(resourceUri(text)).toBe(written);
  });

  test('attack: a merge request whose address is none is told by its commit, and a report gets no address', () => {
    const mr = 'https://h.example/?a|b';
    const summary = said(
      attested({ decisions: [evidenceDecision({ result: 'fail', subject: withMr(mr) })] }),
    );
    expect(summary[0]?.predicate).toMatchObject({ resourceUri: `gitoid:commit:sha1:${'a'.repeat(40)}` });
    const found = said(attested({ decisions: [evidenceDecision({ source: { ...IMPORT, ref: mr } })] }));
    expect(found[0]?.predicate).not.toHaveProperty('url');
  });
});

/** One of each rule of the formats: a statement that breaks it is refused. */
describe('our words for the formats', () => {
  const AT = new Date(NOW).toISOString();
  const pass = said(attested({ decisions: [evidenceDecision()] }))[0];
  const fail = said(attested({ decisions: [evidenceDecision({ result: 'fail' })] }))[0];
  const found = said(attested({ decisions: [evidenceDecision({ source: IMPORT })] }))[0];
  const yes = said(attested({ approvals: [evidenceApproval()] }))[0];
  const having = (one: Statement | undefined, fields: object): Statement => ({
    ...(one as Statement),
    predicate: { ...one?.predicate, ...fields },
  });
  const SPOILT: readonly [string, object][] = [
    ['another version', { ...pass, _type: 'https://in-toto.io/Statement/v0.1' }],
    ['no subject', { ...pass, subject: [] }],
    ['a subject that no digest names', { ...pass, subject: [{ name: 'a' }] }],
    ['an empty set of digests', { ...pass, subject: [{ digest: {} }] }],
    ['upper case', { ...pass, subject: [{ digest: { gitCommit: 'A'.repeat(40) } }] }],
    ['a digest that is too short', { ...pass, subject: [{ digest: { sha256: 'a'.repeat(40) } }] }],
    ['an algorithm nobody knows', { ...pass, subject: [{ digest: { commit: 'a'.repeat(40) } }] }],
    [
      'one name twice',
      { ...pass, subject: [1, 2].map(() => ({ name: 'a', digest: { gitTree: 'a'.repeat(40) } })) },
    ],
    ['a type that is no URI', { ...pass, predicateType: 'svr v0.2' }],
    ['a type in upper case', { ...pass, predicateType: 'https://In-Toto.io/a' }],
    ['a predicate that is none', { ...pass, predicate: [] }],
    ['a verifier without policies', having(pass, { verifier: { id: 'pkg:npm/a' } })],
    ['a verifier without id', having(pass, { verifier: { policies: [] } })],
    [
      'a policy that is only a name',
      having(pass, { verifier: { id: 'pkg:npm/a', policies: [{ name: 'a' }] } }),
    ],
    ['a time of another zone', having(pass, { timeCreated: AT.replace('Z', '+01:00') })],
    ['no time', having(pass, { timeCreated: undefined })],
    ['no properties', having(pass, { properties: undefined })],
    ['a result of its own', having(fail, { verificationResult: 'WARNED' })],
    ['levels beside a failure', having(fail, { verifiedLevels: ['SLSA_BUILD_LEVEL_1'] })],
    ['no levels', having(fail, { verifiedLevels: [] })],
    ['a pass that failed', having(fail, { verificationResult: 'PASSED' })],
    [
      'a level of SLSA that it has not',
      having(fail, { verificationResult: 'PASSED', verifiedLevels: ['SLSA_OURS'] }),
    ],
    ['no resource', having(fail, { resourceUri: undefined })],
    ['a policy without a URI', having(fail, { policy: { digest: { sha256: 'a'.repeat(64) } } })],
    ['a version that is no text', having(fail, { verifier: { id: 'pkg:npm/a', version: { a: 1 } } })],
    ['a test result there is not', having(found, { result: 'SKIPPED' })],
    ['no configuration', having(found, { configuration: undefined })],
    ['an address with a space', having(found, { url: 'https://h.example/a b' })],
    ['a yes to a tag', having(yes, { targetRef: 'refs/tags/v1' })],
    ['a yes to another tree', having(yes, { targetID: 'd'.repeat(40) })],
    ['a yes from nowhere', having(yes, { fromID: undefined })],
    ['a yes with more', having(yes, { agentLog: {} })],
  ];

  test.each(SPOILT)('refuse %s', (_what, one) => {
    const written = JSON.parse(JSON.stringify(one)) as Statement;
    expect(problemsOfStatement(written)).not.toEqual([]);
  });

  test('take a pass at a level of SLSA', () => {
    expect(
      problemsOfStatement(
        having(fail, { verificationResult: 'PASSED', verifiedLevels: ['SLSA_SOURCE_LEVEL_2'] }),
      ),
    ).toEqual([]);
  });
});
