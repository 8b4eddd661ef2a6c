import { expect, it } from 'vitest';
import { relink } from '../../../lib/capture/relink.ts';
import type { MergeRequestRecord } from '../../../lib/core/records/record.ts';
import { appendMergeRequest } from '../../../lib/ledger/told/merge-requests.ts';
import { lookAtMergeRequest } from '../../../lib/policy/merge-requests/merge-request.ts';
import { IDENTITY, NOW } from '../../support/records.ts';
import { onBranch, type Scene, scene } from '../../support/revert.ts';

let at = 0;

/** Tells of a merge request as it is now. */
async function told({ ledger }: Scene, number: number, head?: string): Promise<MergeRequestRecord> {
  const url = `https://git.example.com/team/shop/pull/${number}`;
  const named = head === undefined ? {} : { head };
  const record = await lookAtMergeRequest(ledger, {
    url,
    target: 'main',
    ...named,
    by: null,
    now: NOW + ++at,
  });
  await appendMergeRequest(ledger, record, { identity: IDENTITY, message: 'mr' });
  return record;
}

async function squashed({ repo, ledger }: Scene, branch: string): Promise<string> {
  const messages = await repo.git('log', '--reverse', '--format=* %B', `main..${branch}`);
  await repo.git('merge', '-q', '--squash', branch);
  await repo.git('commit', '-q', '-m', `Topic (#1)\n\n${messages}`);
  const squash = await repo.git('rev-parse', 'HEAD');
  await relink(ledger, { commits: [squash], identity: IDENTITY, now: NOW + ++at });
  return squash;
}

it("is not told as landed where another one of the same transaction's is", async () => {
  const made = await scene();
  await onBranch(made, 'x', () => made.agent({ a: 'agent\n' }));
  await onBranch(made, 'y', () => made.agent({ b: 'agent\n' }));
  expect(await told(made, 1, 'x')).toMatchObject({ state: 'open' });
  expect(await told(made, 2, 'y')).toMatchObject({ state: 'open' });
  const squash = await squashed(made, 'x');
  expect(await told(made, 1)).toMatchObject({ state: 'merged', landed: squash });
  const other = await told(made, 2);
  expect([other.state, other.landed]).toEqual(['open', undefined]);
});

it('is not told as landed where one of its commits was picked, but where all of them were', async () => {
  const made = await scene();
  const { repo, ledger } = made;
  await onBranch(made, 'x', async () => {
    await made.agent({ a: 'agent\n' });
    await made.agent({ b: 'agent\n' });
  });
  await made.person({ m: 'main\n' });
  await told(made, 1, 'x');
  for (const [commit, state] of [
    ['x', 'open'],
    ['x~1', 'merged'],
  ] as const) {
    await repo.git('cherry-pick', commit);
    const picked = await repo.git('rev-parse', 'HEAD');
    await relink(ledger, { commits: [picked], identity: IDENTITY, now: NOW + ++at });
    expect((await told(made, 1)).state).toBe(state);
  }
});

it('is told as landed where its commits and others of their transaction are in one squash', async () => {
  const made = await scene();
  await onBranch(made, 'x', async () => {
    await made.agent({ a: 'agent\n' });
    await onBranch(made, 'y', () => made.agent({ b: 'agent\n' }));
  });
  await made.repo.git('checkout', '-q', 'main');
  await told(made, 1, 'x');
  await told(made, 2, 'y');
  await made.person({ m: 'main\n' });
  const squash = await squashed(made, 'y');
  expect(await told(made, 1)).toMatchObject({ state: 'merged', landed: squash });
  expect(await told(made, 2)).toMatchObject({ state: 'merged', landed: squash });
});
