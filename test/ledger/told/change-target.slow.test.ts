import { afterEach, expect, it } from 'vitest';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { openLedger } from '../../../lib/ledger/ledger.ts';
import { type ChangeTarget, changeTarget } from '../../../lib/ledger/told/change-target.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

let repo: TestRepo;
afterEach(() => repo.remove());

async function target(): Promise<ChangeTarget> {
  const ledger = openLedger(await findRepository({ cwd: repo.dir }));
  try {
    return await changeTarget(ledger);
  } finally {
    ledger.close();
  }
}

it('where nothing is shared with anybody, the own main is what changes go to', async () => {
  repo = await makeRepo();
  await repo.git('checkout', '-q', '-b', 'topic');
  await repo.commit('More');
  expect(await target()).toEqual({ ref: 'refs/heads/main', commit: await repo.git('rev-parse', 'main') });
});

it('attack: a local main is none where there is a remote, whose own was not fetched', async () => {
  repo = await makeRepo();
  await repo.git('remote', 'add', 'origin', '/nowhere');
  await expect(target()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('two branches that may be the one are none', async () => {
  repo = await makeRepo();
  await repo.git('branch', 'develop');
  await expect(target()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
