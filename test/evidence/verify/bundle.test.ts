import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyBundle } from '../../../lib/evidence/verify/bundle/verify-bundle.ts';
import { filesIn } from '../../support/bundles.ts';
import { type GoodLedger, makeGoodLedger } from '../../support/good-ledger.ts';
import { NOW } from '../../support/records.ts';
import { schemaProblems } from '../../support/schema.ts';
import { entriesOf, folderForTest, forgeZip, onText, reforge } from '../../support/tampering.ts';

let good: GoodLedger;
beforeAll(async () => {
  good = await makeGoodLedger();
}, 60_000);
afterAll(() => good.repo.remove());

describe('a bundle in which all is well', () => {
  it.each([
    ['a range', ['main~4..main', '--sign', '--with-history'], 'range.zip'],
    ['a commit', ['main'], 'commit'],
    ['a commit that was approved', ['main~1'], 'approved.zip'],
    ['a commit of a person', ['main~4'], 'person'],
    ['the last one', ['--last', '--class', 'dependency-manifest'], 'last.zip'],
  ])('passes: of %s', async (_, args, name) => {
    const path = join(good.repo.home, name);
    const made = await good.repo.run(['evidence', ...args, '-o', path]);
    expect(made.code, made.stderr).toBe(0);
    const document = await verifyBundle(path, { trust: null, now: NOW });
    expect(schemaProblems(document)).toEqual([]);
    expect(document.checks.filter(({ result }) => result === 'fail')).toEqual([]);
    expect(document).toMatchObject({ ok: true, subject: { kind: 'bundle', name: path } });
  });
});

describe('attack: a bundle', () => {
  it('whose record was changed, and every digest made right', async () => {
    const path = join(good.repo.home, 'forged');
    await good.repo.run(['evidence', 'main', '-o', path]);
    const files = new Map(await filesIn(path));
    onText(files, `records/${good.commits[3] ?? ''}.jsonl`, (text) => text.replace('jane@', 'evil@'));
    reforge(files);
    const zip = join(await folderForTest(), 'forged.zip');
    await writeFile(zip, forgeZip(entriesOf(files)));
    expect(await verifyBundle(zip, { trust: null, now: NOW })).toMatchObject({ ok: false, first: 'notes' });
  });

  it('that is none', async () => {
    await expect(verifyBundle('/nowhere.zip', { trust: null, now: NOW })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const empty = await verifyBundle(await folderForTest(), { trust: null, now: NOW });
    expect(empty).toMatchObject({ ok: false, first: 'manifest' });
  });
});
