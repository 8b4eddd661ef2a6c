import { expect, it } from 'vitest';
import { refsAtHand } from '../../../lib/git/refs/refs-at-hand.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { makeRepo } from '../../support/repo.ts';

it('names refs as git does, packed or not', async () => {
  const repo = await makeRepo();
  try {
    const place = await findRepository({ cwd: repo.dir });
    expect(await refsAtHand(place, 'refs/tags/')).toEqual([]);
    await repo.commit('First', { a: 'x\n' });
    await repo.git('tag', 'v1');
    await repo.git('tag', '-a', '-m', 'two', 'v2');
    await repo.git('branch', 'topic/one');
    await repo.git('pack-refs', '--all');
    await repo.git('tag', 'later/v3');
    await repo.git('branch', 'topic/two');
    for (const folder of ['refs/tags/', 'refs/heads/', 'refs/remotes/'] as const) {
      const told = await repo.git('for-each-ref', '--format=%(refname)', folder);
      const names = new Set(await refsAtHand(place, folder));
      expect([...names].sort()).toEqual(told.split('\n').filter(Boolean).sort());
    }
  } finally {
    await repo.remove();
  }
});
