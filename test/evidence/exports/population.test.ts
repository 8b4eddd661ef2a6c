import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvRow } from '../../../lib/core/csv.ts';
import { populationHeader, populationRow, withRecord } from '../../../lib/evidence/exports/population.ts';
import { storedExecution } from '../../support/records.ts';

/** Cells of one row, as RFC 4180 reads them. */
function cellsOf(row: string): string[] {
  const cells = [''];
  let isQuoted = false;
  for (let at = 0; at < row.length; at++) {
    const letter = row[at] ?? '';
    if (letter === '"' && isQuoted && row[at + 1] === '"')
      cells.push(`${cells.pop() ?? ''}${row[++at] ?? ''}`);
    else if (letter === '"') isQuoted = !isQuoted;
    else if (letter === ',' && !isQuoted) cells.push('');
    else cells.push(`${cells.pop() ?? ''}${letter}`);
  }
  return cells;
}

describe('a row of a table', () => {
  test('attack: begins no formula, whatever is in it', () => {
    for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r\n=1', ' =1', '＝1', '\u0000=1'])
      expect(cellsOf(csvRow([text]))[0]).toMatch(/^'/);
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 2 }), (texts) => {
        const row = csvRow(texts);
        expect(cellsOf(row)).toHaveLength(texts.length);
        for (const [i, cell] of cellsOf(row).entries()) {
          expect(cell).not.toMatch(/^\s*[=+\-@]/);
          expect(cell.replace(/^'/, '')).toBe((texts[i] ?? '').replace(/^'/, ''));
        }
      }),
    );
  });

  test('keeps text as it is where it is harmless', () => {
    const texts = ['plain', 'with, comma', 'say "hi"', 'Jürgen', ''];
    expect(cellsOf(csvRow(texts))).toEqual(texts);
    expect(csvRow([1, true, null, 'a,b'])).toBe('1,true,,"a,b"');
  });
});

describe('a population', () => {
  test('attack: a row is one line, whatever a name holds', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const stored = storedExecution({
          sponsor: { name: `${name}\r\n=1`, email: `\u001b[2J${name}`, source: 'flag' },
        });
        const size = { of: 1, tip: null, txns: new Map() };
        const row = populationRow({ stored, bound: null }, { row: 1, txn: stored.record.txn, size });
        expect(row).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        expect(cellsOf(row)).toHaveLength(24);
      }),
    );
  });

  test('has as many cells in every row, and says how many rows there are', () => {
    const stored = storedExecution({
      files: [{ path: 'package.json', by: 'agent', blob: null, change: 'deleted' }],
    });
    const { txn } = stored.record;
    const size = {
      of: 7,
      tip: 'e'.repeat(40),
      txns: new Map([[txn, withRecord(withRecord(undefined, 3), 1)]]),
    };
    const names = cellsOf(populationHeader());
    const cells = cellsOf(populationRow({ stored, bound: null }, { row: 2, txn, size }));
    expect(cells).toHaveLength(names.length);
    const row = Object.fromEntries(names.map((name, i) => [name, cells[i]]));
    expect(row).toMatchObject({
      row: '2',
      of: '7',
      ledger_tip: 'e'.repeat(40),
      record: stored.digest,
      txn_first_seq: '1',
      txn_last_seq: '3',
      txn_records: '2',
      sponsor_email: 'jane@example.com',
      classes: 'dependency-manifest',
      assurance: 'recorded',
    });
  });
});
