import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTopoOrder } from '../../../lib/git/history/topo-order.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

describe('inTopoOrder', () => {
  let repo: TestRepo;
  let all: string[];
  beforeAll(async () => {
    repo = await makeRepo();
    // Two lines of work with clocks that run backwards, merged.
    for (const [branch, hour] of [
      ['left', 12],
      ['right', 9],
    ] as const) {
      await repo.git('checkout', '-q', '-b', branch, 'main');
      for (let i = 0; i < 4; i++)
        await repo.exec('git', ['commit', '-q', '--allow-empty', '-m', `${branch} ${i}`], {
          env: { GIT_COMMITTER_DATE: `2026-01-01T${String(hour - i).padStart(2, '0')}:00:00Z` },
        });
    }
    await repo.git('merge', '-q', '--no-ff', '-m', 'Merge', 'left');
    all = (await repo.git('rev-list', 'HEAD')).split('\n');
  });
  afterAll(() => repo.remove());

  it('puts no commit before one it descends from, in whatever order they are given', async () => {
    const sorted = await inTopoOrder({ cwd: repo.dir }, all);
    expect([...sorted].sort()).toEqual([...all].sort());
    for (const line of (await repo.git('rev-list', '--parents', 'HEAD')).split('\n')) {
      const [child = '', ...parents] = line.split(' ');
      for (const parent of parents) expect(sorted.indexOf(parent)).toBeLessThan(sorted.indexOf(child));
    }
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(all), async (some) => {
        const order = await inTopoOrder({ cwd: repo.dir }, some);
        expect(order).toEqual(await inTopoOrder({ cwd: repo.dir }, [...some].sort()));
        expect([...order].sort()).toEqual([...some].sort());
      }),
      { numRuns: 10 },
    );
  });

  it('says so when a commit is not here', async () => {
    await expect(inTopoOrder({ cwd: repo.dir }, ['1'.repeat(40), ...all])).rejects.toThrow(/rev-list failed/);
  });
});
