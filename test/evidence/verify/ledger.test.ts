import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyRange } from '../../../lib/evidence/verify/verify-ledger.ts';
import { openLedger, THOROUGH } from '../../../lib/ledger/ledger.ts';
import { findRepository } from '../../../lib/git/repository.ts';
import { type GoodLedger, makeGoodLedger } from '../../support/good-ledger.ts';
import { NOW } from '../../support/records.ts';

let good: GoodLedger;
beforeAll(async () => {
  good = await makeGoodLedger();
});
afterAll(() => good.repo.remove());

describe('a ledger in which all is well', () => {
  it.each([null, 'main', 'main~2..main'])('passes: %s', async (range) => {
    const ledger = openLedger(await findRepository({ cwd: good.repo.dir, foreign: true }), THOROUGH);
    const document = await verifyRange(ledger, { range, trust: null, now: NOW });
    ledger.close();
    console.log(document?.population, document?.checks.map((c) => [c.name, c.result, c.checked, c.says, JSON.stringify(c.problems), JSON.stringify(c.unknown)].join(' ')).join('\n'));
    expect(document?.ok).toBe(true);
  });
});
