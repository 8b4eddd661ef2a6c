import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleOf, type Files } from '../../support/bundles.ts';
import { type GoodLedger, makeGoodLedger } from '../../support/good-ledger.ts';

let good: GoodLedger;
beforeAll(async () => {
  good = await makeGoodLedger();
}, 60_000);
afterAll(() => good.repo.remove());

type Row = Readonly<Record<string, string>>;

/** Rows of a table without quoted cells. */
function rowsOf(text: string): Row[] {
  const [head = '', ...rows] = text.split('\r\n').filter(Boolean);
  const names = head.split(',');
  return rows.map((row) => Object.fromEntries(row.split(',').map((cell, i) => [names[i] ?? '', cell])));
}

function populationIn(files: Files): Row[] {
  return rowsOf(files.get('population.csv')?.toString('utf8') ?? '');
}

it('has a row for each record of a range: those of the export, at the same commit of the ledger', async () => {
  const rows = populationIn(await bundleOf(good.repo, ['main~4..main']));
  const exported = rowsOf((await good.repo.run(['export', 'csv'])).stdout);
  expect(rows).toHaveLength(4);
  expect(rows.map(({ row, of }) => `${row} of ${of}`)).toEqual(['1 of 4', '2 of 4', '3 of 4', '4 of 4']);
  for (const one of rows) {
    const { row: _row, of: _of, ...rest } = one;
    expect(exported.find(({ record }) => record === one['record'])).toMatchObject(rest);
  }
});

it('attack: names nobody else, in a bundle of one transaction', async () => {
  const all = rowsOf((await good.repo.run(['export', 'csv'])).stdout);
  const [txn = '', other = ''] = [...new Set(all.map((row) => row['txn'] ?? ''))];
  expect(other).not.toBe('');
  const files = await bundleOf(good.repo, [txn]);
  const rows = populationIn(files);
  expect(new Set(rows.map((row) => row['txn']))).toEqual(new Set([txn]));
  const own = all.filter((row) => row['txn'] === txn);
  expect(rows.map(({ record, of }) => [record, of])).toEqual(
    own.map(({ record }) => [record, String(own.length)]),
  );
  expect(files.get('population.csv')?.toString('utf8')).not.toContain(other);
});
