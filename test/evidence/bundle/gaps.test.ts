import { describe, expect, it } from 'vitest';
import { gapsOf, type Known } from '../../../lib/evidence/bundle/gaps.ts';

const COMMIT = 'a'.repeat(40);
const TXN = '01JD2M0Y5V9Z8K7Q3C4N6T1RWE';
const RECORD = `sha256:${'b'.repeat(64)}`;
type Change = Known['changes'][number];

/** A commit of which nothing is missing. */
function change(more: Partial<Change> = {}): Change {
  const whole = {
    commit: COMMIT,
    txn: TXN,
    record: RECORD,
    binding: 'exact',
    sealed: true,
    sponsor: { name: 'Jane', email: 'jane@example.com', source: 'flag', verified: false },
    integrity: { ok: true, problems: [] },
    gaps: [],
    exceptions: [],
    replays: [{}],
  };
  return { ...whole, ...more } as unknown as Change;
}

function known(more: Partial<Known> = {}): Known {
  const about = { txns: [TXN], subject: { head: COMMIT } };
  const decision = { digest: RECORD, basis: 'evaluated', decision: about };
  const approval = {
    digest: RECORD,
    basis: 'attested',
    approval: { ...about, kind: 'approval', by: { email: 'o@example.com' } },
  };
  return {
    changes: [change()],
    decisions: [decision],
    approvals: [approval],
    mergeRequests: [{ txns: [TXN] }],
    txns: [TXN],
    signs: new Map(),
    missingTexts: new Map(),
    textsLeftOut: null,
    hasLedger: true,
    hasTarget: true,
    hasPolicy: true,
    nobodyKnown: null,
    goneCommits: [],
    parentless: [],
    goneTargets: [],
    leftOut: new Map(),
    cutDiffs: [],
    namedElsewhere: new Map(),
    twice: [],
    isPartial: false,
    ...more,
  } as unknown as Known;
}

const kinds = (more: Partial<Known>): string[] =>
  gapsOf(known(more)).map(({ kind, of }) => `${kind} ${of.slice(0, 8)}`);

describe('gapsOf', () => {
  it('finds nothing where nothing is missing', () => {
    expect(gapsOf(known())).toEqual([]);
  });

  it.each([
    ['no ledger', { hasLedger: false }, ['record refs/not']],
    ['no target', { hasTarget: false }, ['policy the targ']],
    ['no policy', { hasPolicy: false }, ['policy .agent-l']],
    ['nobody with a key', { nobodyKnown: 'nobody' }, ['policy .agent-l']],
    ['no sponsor', { changes: [change({ sponsor: null })] }, ['sponsor aaaaaaaa']],
    ['no seal', { changes: [change({ sealed: false })] }, ['check aaaaaaaa']],
    ['a claim', { changes: [change({ binding: 'claimed', sealed: false })] }, ['record aaaaaaaa']],
    ['a problem', { changes: [change({ integrity: { ok: false, problems: ['x'] } })] }, ['check aaaaaaaa']],
    ['what nobody saw', { changes: [change({ gaps: ['x'] })] }, ['record aaaaaaaa']],
    ['no decision', { decisions: [] }, [`decision ${TXN.slice(0, 8)}`]],
    ['no approval', { approvals: [] }, [`approval ${TXN.slice(0, 8)}`]],
    ['no merge request', { mergeRequests: [] }, [`merge-request ${TXN.slice(0, 8)}`]],
    ['no replay', { changes: [change({ replays: [] })] }, [`replay ${TXN.slice(0, 8)}`]],
    ['a commit that is gone', { goneCommits: [COMMIT] }, ['object aaaaaaaa']],
    ['no parent', { parentless: [COMMIT] }, ['history aaaaaaaa']],
    ['a target that is gone', { goneTargets: [COMMIT] }, ['object aaaaaaaa']],
    ['a large file', { leftOut: new Map([[COMMIT, 2]]) }, ['object aaaaaaaa']],
    ['a diff that is cut', { cutDiffs: [COMMIT] }, ['object aaaaaaaa']],
    ['a record named elsewhere', { namedElsewhere: new Map([[COMMIT, 2]]) }, ['record aaaaaaaa']],
    ['a note twice', { twice: [COMMIT] }, ['check aaaaaaaa']],
    ['not all of history', { isPartial: true }, ['history history.']],
    ['texts left out', { textsLeftOut: { count: 2, why: 'x' } }, ['text texts.js']],
  ] as const)('tells %s', (_, more, expected) => {
    expect(kinds(more as unknown as Partial<Known>)).toEqual(expected);
  });

  it('tells what nobody signed, decisions of one head together', () => {
    const { decisions, approvals } = known();
    const asserted = decisions.map((one) => ({ ...one, basis: 'asserted' as const }));
    const gaps = gapsOf(
      known({
        decisions: [...asserted, ...asserted],
        approvals: approvals.map((one) => ({ ...one, basis: 'asserted' as const })),
      }),
    );
    expect(gaps.map(({ kind, why }) => [kind, why.slice(0, 50)])).toEqual([
      ['signature', 'no pipeline of the target signed 2 of its decision'],
      ['signature', 'the approval by o@example.com is not signed with a'],
    ]);
  });

  it('tells all texts that are missing for one reason in one line', () => {
    const erased = { why: 'erased', says: 'erased on Monday', readers: [] } as const;
    const gaps = gapsOf(
      known({
        missingTexts: new Map([[RECORD, [erased, erased, { ...erased, why: 'no-key', says: 'no key' }]]]),
      }),
    );
    expect(gaps.map(({ why }) => why)).toEqual(['2 texts: erased on Monday', 'no key']);
  });

  it('tells a commit of a person only where that is all that was asked for', () => {
    const none = { record: null, binding: 'none', txn: null } as const;
    expect(kinds({ changes: [change(none)], txns: [] })).toEqual(['record aaaaaaaa']);
    expect(kinds({ changes: [change(none), change(none)], txns: [] })).toEqual([]);
    const signs = new Map([[COMMIT, 'trailer: x']]);
    expect(kinds({ changes: [change(none), change({ ...none, commit: 'c' })], txns: [], signs })).toEqual([
      'record aaaaaaaa',
    ]);
  });

  it('names the exception that is open for a gap, and none that is closed or of something else', () => {
    const exceptions = (state: string, type: string): Change['exceptions'] =>
      [{ id: 'f'.repeat(64), type, state }] as unknown as Change['exceptions'];
    const found = (state: string, type: string): string | null | undefined =>
      gapsOf(known({ changes: [change({ sponsor: null, exceptions: exceptions(state, type) })] }))[0]
        ?.exception;
    expect(found('open', 'identity-unclear')).toBe('f'.repeat(64));
    expect(found('closed', 'identity-unclear')).toBeNull();
    expect(found('open', 'replay-failed')).toBeNull();
  });

  it('attack: is of what its schema takes, however long a name or a reason is', () => {
    const long = 'x'.repeat(10_000);
    const gaps = gapsOf(known({ changes: [change({ integrity: { ok: false, problems: [long] } })] }));
    expect(gaps[0]?.why).toHaveLength(4000);
  });
});
