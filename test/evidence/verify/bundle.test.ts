import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyBundle } from '../../../lib/evidence/verify/bundle/verify-bundle.ts';
import { type GoodLedger, makeGoodLedger } from '../../support/good-ledger.ts';
import { NOW } from '../../support/records.ts';

let good: GoodLedger;
beforeAll(async () => {
  good = await makeGoodLedger();
}, 60_000);
afterAll(() => good.repo.remove());

describe('a bundle in which all is well', () => {
  it.each([
    ['of a range', ['main~4..main', '--sign', '--with-history'], 'b.zip'],
    ['of a commit', ['main'], 'b2'],
    ['of a commit approved', ['main~1'], 'b4'],
    ['of a txn', ['main~1', '--sign'], 'b3.zip'],
  ])('passes: %s', async (_, args, name) => {
    const path = join(good.repo.home, name);
    const made = await good.repo.run(['evidence', ...args, '-o', path]);
    expect(made.code, made.stderr).toBe(0);
    const document = await verifyBundle(path, { trust: null, now: NOW });
    console.log(document?.population, document?.checks.map((c) => [c.name, c.result, c.checked, c.says, JSON.stringify(c.problems), JSON.stringify(c.unknown)].join(' ')).join('\n'));
    expect(document.first).toBe(null);
  });
});
