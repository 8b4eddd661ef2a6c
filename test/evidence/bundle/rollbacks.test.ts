import { expect, it } from 'vitest';
import { ofQuestion, rollbacksOf } from '../../../lib/evidence/bundle/rollbacks.ts';

type Plan = Parameters<typeof ofQuestion>[0];

const [OWN, OTHER] = ['a'.repeat(40), 'b'.repeat(40)];
const [TXN, SECRET] = ['01J00000000000000000000001', '01J00000000000000000000002'];
const who = { subject: 'Secret merger', author: 'Mallory <mallory@example.com>' };
const other = { commit: OTHER, txn: SECRET, ...who };

const PLAN = {
  txn: TXN,
  txns: [TXN],
  verdict: 'needs-decision',
  units: [
    { commit: OWN, kind: 'commit', members: [OWN], subject: 'Own work' },
    { commit: OTHER, kind: 'squash', members: [OWN], subject: who.subject },
  ],
  blockers: [
    { ...other, paths: ['src/a.ts'], reason: 'changed the same lines' },
    { commit: OWN, txn: TXN, subject: 'Own work', author: 'Jane', paths: [], reason: '' },
  ],
  dependants: [{ ...other, why: 'src/a.ts: changed the same lines' }],
  affected: [{ author: who.author, commits: 3 }],
} as unknown as Plan;

it('attack: a plan tells of other people’s commits ids and paths, and nothing else', async () => {
  const sources = { planOf: () => Promise.resolve(PLAN) };
  const [found] = await rollbacksOf([TXN], 'c'.repeat(40), new Set([OWN]), sources);
  const text = JSON.stringify(found);
  for (const secret of [SECRET, who.subject, 'mallory', 'Mallory']) expect(text).not.toContain(secret);
  expect(found?.plan?.blockers).toEqual([
    {
      commit: OTHER,
      txn: null,
      subject: '',
      author: '',
      paths: ['src/a.ts'],
      reason: 'changed the same lines',
    },
    PLAN.blockers[1],
  ]);
  expect(found?.plan?.units.map(({ subject }) => subject)).toEqual(['Own work', '']);
});
