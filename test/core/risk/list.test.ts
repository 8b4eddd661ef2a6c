import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RiskClass } from '../../../lib/core/risk/globs.ts';
import { RiskList, riskLines } from '../../../lib/core/risk/list.ts';

const key = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('a', 'a"', '["a",["iam"]', '"],["a', '\n', '\n["a",', '\\', '\\"', ']]', '\ud800'),
);
const classes = fc.array(fc.constantFrom<RiskClass>('iam', 'iac', 'ci-cd'), { minLength: 1, maxLength: 3 });
const table = fc.uniqueArray(fc.tuple(key, classes), { selector: ([name]) => name, maxLength: 12 });

describe('RiskList', () => {
  it('says of every key what the table says, asked seldom and often', () => {
    fc.assert(
      fc.property(table, fc.array(key, { maxLength: 20 }), (entries, others) => {
        const list = new RiskList<readonly RiskClass[]>(riskLines(entries));
        const known = new Map(entries);
        for (let round = 0; round < 8; round++)
          for (const name of [...known.keys(), ...others]) expect(list.get(name)).toEqual(known.get(name));
      }),
    );
  });
});
