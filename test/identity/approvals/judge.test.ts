import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApprovalRecord } from '../../../lib/core/records/record.ts';
import {
  type ApprovalsContext,
  approversOf,
  type JudgedApproval,
  type JudgedSponsorship,
  judgeApprovals,
} from '../../../lib/identity/approvals/judge.ts';
import { emptyRoster } from '../../../lib/identity/roster/parse.ts';
import type { Told } from '../../../lib/ledger/told/told.ts';
import {
  approval,
  CI_KEY,
  JANE,
  JANE_KEY,
  JOHN,
  JOHN_KEY,
  POLICY,
  SUBJECT,
  TXN,
  testContext,
  testRoster,
  told,
} from '../../support/approvals.ts';
import { NOW } from '../../support/records.ts';
import { ed25519Key } from '../../support/ssh-keys.ts';

type Saying = Told<ApprovalRecord>;

function one(saying: Saying, more: Partial<ApprovalsContext> = {}): JudgedApproval | undefined {
  return judgeApprovals([saying], testContext(more)).approvals[0];
}

/** How many count as a second person's. */
function counting(sayings: readonly Saying[], more: Partial<ApprovalsContext> = {}): number {
  return approversOf(judgeApprovals(sayings, testContext(more))).length;
}

const SIGNED = told(approval(), [JANE_KEY]);

describe('an approval', () => {
  it('counts when it is signed by the person who gives it, and all is as it was', () => {
    expect(one(SIGNED)).toMatchObject({
      who: { id: 'jane@example.com', isHuman: true },
      assurance: 'attested',
      source: 'signature',
      holds: true,
      isAuthor: false,
      isSponsor: false,
      why: [],
    });
    expect(counting([SIGNED, told(approval({ by: { ...JANE, email: 'JD@example.com' } }), [JANE_KEY])])).toBe(
      1,
    );
  });

  it('is only asserted without a signature, or where nobody is known', () => {
    expect(one(told(approval()))).toMatchObject({ assurance: 'asserted', holds: true, source: 'word' });
    expect(one(SIGNED, { roster: emptyRoster('c'.repeat(40)) })).toMatchObject({ assurance: 'asserted' });
    expect(counting([told(approval())])).toBe(0);
  });

  it('holds on while the target moves on and the merge is clean, and through a squash', () => {
    const moved = { ...SUBJECT, targetCommit: 'e'.repeat(40) };
    const squashed = { ...moved, head: 'f'.repeat(40) };
    expect(one(SIGNED, { change: { subject: squashed, policy: POLICY, merge: 'clean' } })?.holds).toBe(true);
    for (const merge of ['conflict', 'unknown'] as const)
      expect(one(SIGNED, { change: { subject: moved, policy: POLICY, merge } })?.holds, merge).toBe(false);
  });

  it.each([
    ['target', { target: 'refs/heads/release' }],
    ['base', { base: 'e'.repeat(40) }],
    ['tree', { tree: 'e'.repeat(40) }],
    ['patch', { patchId: 'e'.repeat(40) }],
    ['merge request', { mr: 'https://example.com/pull/2' }],
  ])('holds no more when the %s is another one', (_, changed) => {
    const given = told(approval({ subject: { ...SUBJECT, mr: 'https://example.com/pull/1' } }), [JANE_KEY]);
    const subject = { ...SUBJECT, ...changed };
    expect(one(given, { change: { subject, policy: POLICY, merge: 'clean' } })?.holds).toBe(false);
  });

  it('holds no more when the policy is another one, or came later', () => {
    const change = { subject: SUBJECT, policy: `sha256:${'e'.repeat(64)}`, merge: 'clean' } as const;
    expect(one(SIGNED, { change })?.why).toEqual(['the policy is another one now']);
    expect(one(SIGNED, { change: { ...change, policy: null } })?.holds).toBe(false);
    const { policy: _, ...before } = approval();
    expect(one(told(before, [JANE_KEY]))?.holds).toBe(false);
    expect(one(told(before, [JANE_KEY]), { change: { ...change, policy: null } })?.holds).toBe(true);
  });

  it('is taken back by a later word of the same person, and given again by one after that', () => {
    const back = told(approval({ kind: 'withdrawal', by: { ...JANE, email: 'jd@example.com' } }, NOW + 10));
    const again = told(approval({}, NOW + 20), [JANE_KEY]);
    expect(counting([SIGNED, back])).toBe(0);
    expect(counting([back, SIGNED])).toBe(0);
    expect(counting([SIGNED, back, again])).toBe(1);
    const johns = told(approval({ kind: 'withdrawal', by: JOHN }, NOW + 10));
    const forEver = told(approval({ kind: 'withdrawal' }, NOW + 10 * 86_400_000));
    expect(counting([SIGNED, johns, forEver])).toBe(1);
  });

  it('of a host is imported where a pipeline signed it, by the account', () => {
    const by = { name: 'jane', email: 'jane@host.invalid' };
    const imported = { format: 'github', account: 'Jane' };
    const record = approval({ by, imported });
    expect(one(told(record, [CI_KEY]))).toMatchObject({ assurance: 'imported', who: { id: JANE.email } });
    expect(one(told(record))).toMatchObject({ assurance: 'asserted' });
    expect(one(told(approval({ by: JANE }), [CI_KEY]))).toMatchObject({ assurance: 'asserted' });
  });
});

describe('attacks on approvals', () => {
  it('attack: a signature the same key made in namespace git', () => {
    expect(one(told(approval(), [JANE_KEY], { namespace: 'git' }))).toMatchObject({
      assurance: 'asserted',
      why: ['it was made for something else'],
    });
  });

  it('attack: forged sponsor or approver, signed with a key of the forger', () => {
    expect(one(told(approval(), [ed25519Key()]))?.assurance).toBe('asserted');
    expect(one(told(approval(), [JOHN_KEY]))).toMatchObject({
      assurance: 'asserted',
      why: ['it is signed with the key of john@example.com'],
    });
    const sponsorship = told(approval({ kind: 'sponsorship' }), [JOHN_KEY]);
    const { sponsorships } = judgeApprovals([sponsorship], testContext());
    expect(sponsorships[0]?.assurance).toBe('asserted');
  });

  it('attack: cross-repository replay, into one with the same files', () => {
    const subject = { ...SUBJECT, base: '1'.repeat(40), head: '2'.repeat(40) };
    expect(one(SIGNED, { change: { subject, policy: POLICY, merge: 'clean' } })?.why).toEqual([
      'it was given on another history',
    ]);
  });

  it('attack: an approval replayed on another head', () => {
    const other = { ...SUBJECT, head: '2'.repeat(40), tree: '3'.repeat(40), patchId: '4'.repeat(40) };
    const change = { subject: other, policy: POLICY, merge: 'clean' } as const;
    expect(counting([SIGNED], { change })).toBe(0);
    expect(one({ ...SIGNED, object: other.head })?.why).toContain(
      'it was moved to the note of another commit',
    );
    const edited = told({ ...SIGNED.stored.record, subject: other });
    expect(one({ ...edited, signatures: SIGNED.signatures }, { change })?.assurance).toBe('asserted');
  });

  it('attack: an approval by a bot, a service, or an agent', () => {
    for (const email of ['1+x[bot]@users.noreply.github.com', 'deploy@example.com', 'noreply@anthropic.com'])
      expect(one(told(approval({ by: { name: 'Jane Doe', email } }), [JANE_KEY]))?.holds, email).toBe(false);
  });

  it('attack: hundreds of withdrawals of something else hide none that was meant', () => {
    const meant = told(approval({ kind: 'withdrawal' }, NOW + 10));
    const other = { ...SUBJECT, head: 'e'.repeat(40), tree: 'e'.repeat(40), patchId: 'e'.repeat(40) };
    const forged = Array.from({ length: 500 }, (_, i) =>
      told(approval({ kind: 'withdrawal', subject: other }, NOW + 20 + i)),
    );
    expect(counting([SIGNED, ...forged])).toBe(1);
    for (const sayings of [
      [SIGNED, meant, ...forged],
      [...forged, meant, SIGNED],
    ])
      expect(counting(sayings)).toBe(0);
  });

  it('attack: thousands of withdrawals take no more than their number to judge', () => {
    const context = testContext();
    const took = (count: number): number => {
      const sayings = Array.from({ length: count }, (_, i) => {
        const subject = { ...SUBJECT, head: i.toString(16).padStart(40, '0'), tree: 'e'.repeat(40) };
        const withdrawal = { kind: 'withdrawal' as const, subject, txns: [] };
        return [told(approval({}, NOW + i)), told(approval(withdrawal, NOW + i))];
      }).flat();
      const times = [1, 2, 3].map(() => {
        const start = performance.now();
        judgeApprovals(sayings, context);
        return performance.now() - start;
      });
      return Math.min(...times);
    };
    took(200);
    // Four times as many take four times as long; each against each would take sixteen. On a busy machine one try tells nothing.
    let ratio = Number.POSITIVE_INFINITY;
    for (let tries = 0; tries < 6 && ratio >= 9; tries++) ratio = took(6000) / took(1500);
    expect(ratio).toBeLessThan(9);
  });

  it('attack: self-approval through a second address', () => {
    const addresses = [
      'john@example.com',
      'JOHN@example.com',
      'johnny@corp.example',
      'john-home@example.net',
    ];
    const mailmap =
      '<john@example.com> <johnny@corp.example>\nJohn Roe <john@example.com> <john-home@example.net>\n';
    const roster = testRoster('', mailmap);
    for (const author of addresses)
      for (const email of addresses) {
        const saying = told(approval({ by: { name: 'Somebody', email } }), [JOHN_KEY]);
        const context = { roster, authors: [{ name: 'J', email: author }] };
        expect(one(saying, context)).toMatchObject({ isAuthor: true, assurance: 'attested' });
        expect(counting([saying], context), `${author} by ${email}`).toBe(0);
      }
  });

  it('another address of the author never makes an approval count', () => {
    const address = fc
      .tuple(fc.stringMatching(/^[a-zA-Z0-9.+-]{1,12}$/), fc.constantFrom('x.example', 'y.example'))
      .map(([name, host]) => `${name}@${host}`);
    const sayings = fc.array(fc.tuple(address, fc.constantFrom(JANE_KEY, JOHN_KEY)), { maxLength: 5 });
    fc.assert(
      fc.property(sayings, fc.array(address, { maxLength: 4 }), (said, more) => {
        const records = said.map(([email, key]) => told(approval({ by: { name: 'x', email } }), [key]));
        const map = more.map((email) => `<john@example.com> <${email}>\n`).join('');
        const before = counting(records);
        const after = counting(records, { roster: testRoster('', map) });
        expect(after).toBeLessThanOrEqual(before);
        const own = more.map((email) => told(approval({ by: { name: 'x', email } }), [JOHN_KEY]));
        expect(counting(own, { roster: testRoster('', map) })).toBe(0);
      }),
      { numRuns: 20 },
    );
  });
});

describe('a sponsorship', () => {
  const saying = told(approval({ kind: 'sponsorship' }), [JANE_KEY]);
  const judged = (more: Partial<ApprovalsContext> = {}): JudgedSponsorship | undefined =>
    judgeApprovals([saying], testContext(more)).sponsorships[0];

  it('holds for its transaction, and says what is not theirs to sponsor', () => {
    expect(judged()).toMatchObject({ holds: true, assurance: 'attested', txns: [TXN], notTheirs: [] });
    const files = new Map([[TXN, [{ path: 'main.tf', classes: ['iac'] }]]]);
    expect(judged({ files })?.notTheirs).toEqual(['main.tf']);
    expect(judged({ files: new Map() })).toMatchObject({ holds: false, txns: [] });
  });

  it('holds while the agent goes on, and says that it did', () => {
    const subject = { ...SUBJECT, head: '2'.repeat(40), tree: '3'.repeat(40), patchId: '4'.repeat(40) };
    const change = { subject, policy: POLICY, merge: 'clean' } as const;
    expect(judged({ change })).toMatchObject({ holds: true, isUnchanged: false });
    const elsewhere = { ...change, subject: { ...subject, target: 'refs/heads/release' } };
    expect(judged({ change: elsewhere })?.holds).toBe(false);
  });

  it('makes its person the sponsor, whose approval is then told as such', () => {
    const { approvals } = judgeApprovals([saying, SIGNED], testContext());
    expect(approvals[0]?.isSponsor).toBe(true);
  });
});
