import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VerifyDocument } from '../../../lib/evidence/verify/report.ts';
import { verifyRange } from '../../../lib/evidence/verify/verify-ledger.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { openLedger, THOROUGH } from '../../../lib/ledger/ledger.ts';
import { copyOf, type GoodLedger, makeGoodLedger } from '../../support/good-ledger.ts';
import { schemaProblems } from '../../support/schema.ts';

let good: GoodLedger;
beforeAll(async () => {
  good = await makeGoodLedger();
}, 60_000);
afterAll(() => good.repo.remove());

async function verified(dir: string, range: string | null): Promise<VerifyDocument | null> {
  const ledger = openLedger(await findRepository({ cwd: dir, foreign: true }), THOROUGH);
  try {
    return await verifyRange(ledger, { range, trust: null, now: Date.now() });
  } finally {
    ledger.close();
  }
}

describe('a ledger in which all is well', () => {
  it.each([null, 'main', 'main~2..main'])('passes: %s', async (range) => {
    const document = await verified(good.repo.dir, range);
    expect(schemaProblems(document)).toEqual([]);
    expect(document).toMatchObject({ ok: true, first: null, trusted: [] });
    expect(document?.checks.filter(({ result }) => result !== 'pass')).toEqual([]);
    const looked = document?.checks.filter(({ checked }) => checked > 0).map(({ name }) => name);
    for (const name of [
      'records',
      'bindings',
      'patches',
      'history',
      'signatures',
      'signers',
      'policies',
      'subjects',
    ])
      expect(looked).toContain(name);
  });

  it('counts what it looked at', async () => {
    expect((await verified(good.repo.dir, null))?.population).toMatchObject({
      approval: 2,
      binding: 4,
      checkpoint: 1,
      decision: 2,
      execution: 4,
      notes: 5,
      txns: 2,
    });
  });
});

describe('attack: a ledger', () => {
  it('without a note that a commit names', async () => {
    const repo = await copyOf(good);
    await repo.git('notes', '--ref=refs/notes/agent-log', 'remove', good.commits[0] ?? '');
    const document = await verified(repo.dir, null);
    expect(document).toMatchObject({ ok: false, first: 'completeness' });
    expect(document?.checks.find(({ name }) => name === 'completeness')?.problems[0]?.of).toBe(
      good.commits[0],
    );
  });

  it('that is gone', async () => {
    const repo = await copyOf(good);
    await repo.git('update-ref', '-d', 'refs/notes/agent-log');
    expect(await verified(repo.dir, null)).toMatchObject({ ok: false, first: 'completeness' });
  });
});

it('knows ranges as git does, and says when there is nothing in one', async () => {
  await expect(verified(good.repo.dir, 'nowhere')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await verified(good.repo.dir, 'main..main')).toBeNull();
});
