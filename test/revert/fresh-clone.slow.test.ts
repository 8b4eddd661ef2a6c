import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openScratch } from '../../lib/git/objects/scratch.ts';
import { findRepository } from '../../lib/git/repository/repository.ts';
import { openLedger } from '../../lib/ledger/ledger.ts';
import { planRevert, type RevertPlan } from '../../lib/revert/plan.ts';
import { type Scene, scene, ten } from '../support/revert.ts';

/** The same plan made in a clone that has the branch and the ledger and nothing else. */
async function planInClone({ repo, txn }: Scene, onto?: string): Promise<RevertPlan> {
  const dir = join(repo.dir, '.git', 'a-clone');
  await repo.git('clone', '-q', '--no-local', repo.dir, dir);
  await repo.git('-C', dir, 'fetch', '-q', 'origin', '+refs/notes/*:refs/notes/*');
  const ledger = openLedger(await findRepository({ cwd: dir }));
  const scratch = await openScratch(ledger.repo);
  onTestFinished(async () => {
    ledger.close();
    await scratch.close();
  });
  return planRevert(ledger, scratch, [txn()], onto === undefined ? {} : { onto });
}

describe('a plan made in a fresh clone', () => {
  it.each<[string, RevertPlan['verdict'], string]>([
    ['clean', 'clean', ten({ 3: 'agent', 8: 'person' })],
    ['in somebody’s way', 'needs-decision', ten({ 3: 'agent and person' })],
    ['of nothing that is left', 'noop', ten()],
  ])('is the same, byte for byte: %s', async (_, verdict, since) => {
    const made = await scene();
    await made.person({ f: ten() });
    await made.agent({ f: ten({ 3: 'agent' }) });
    await made.person({ f: since });
    for (const onto of [undefined, 'HEAD']) {
      const here = await made.plan(onto === undefined ? {} : { onto });
      expect(here.plan.verdict).toBe(verdict);
      expect(await planInClone(made, onto)).toEqual(here.plan);
      await made.repo.exec('rm', ['-rf', join(made.repo.dir, '.git', 'a-clone')]);
    }
  });
});
