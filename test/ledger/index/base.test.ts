import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BaseReader, encodeBase } from '../../../lib/ledger/index/base.ts';
import type { Fact } from '../../../lib/ledger/index/facts.ts';
import { Rows } from '../../../lib/ledger/index/rows.ts';
import { Strings } from '../../../lib/ledger/index/strings.ts';

const OID_BYTES = 20;

// Few ids and digests, of which some differ in one digit alone: so that many rows are alike, and all are neighbours.
const txn = fc.constantFrom('A', 'B', 'Z').map((last) => `01JD2M0Y5V9Z8K7Q3C4N6T1RW${last}`);
const digits = fc.constantFrom(
  '000000000000',
  '0000000000ff',
  '00ff00000000',
  '0100fe00ff00',
  'ffffffffffff',
);
const fact = fc.record({ txn, digits }).map(
  (given): Fact => ({
    kind: 1,
    id: '01JD2M0Y5V9Z8K7Q3C4N6T1RWE',
    txn: given.txn,
    record: `sha256:${given.digits}${'0'.repeat(52)}`,
    at: 0,
    agent: null,
    model: null,
    sponsor: null,
    classes: 0,
  }),
);

test('finds every row by its transaction and by its record, those that are alike in the order they came', () => {
  fc.assert(
    fc.property(fc.array(fact, { maxLength: 120 }), (facts) => {
      const base = baseOf(facts);
      const objects = (rows: Iterable<{ readonly object: string }>): string[] =>
        [...rows].map(({ object }) => object);
      const wanted = (is: (one: Fact) => boolean): string[] =>
        facts.flatMap((one, i) => (is(one) ? [objectOf(i)] : []));
      expect(base.count).toBe(facts.length);
      for (const { txn: id, record } of facts) {
        expect(objects(base.ofTxn(id))).toEqual(wanted((one) => one.txn === id));
        expect(objects(base.ofRecord(record.slice(7, 19))).sort()).toEqual(
          wanted((one) => one.record === record).sort(),
        );
      }
    }),
  );
});

function baseOf(facts: readonly Fact[]): BaseReader {
  const [rows, strings] = [new Rows(OID_BYTES), new Strings()];
  for (const [i, one] of facts.entries()) rows.add(one, objectOf(i), 'f'.repeat(40), strings);
  const { bytes, base } = encodeBase('00', rows, strings.all);
  return BaseReader.of(bytes, base);
}

function objectOf(index: number): string {
  return index.toString(16).padStart(OID_BYTES * 2, '0');
}
