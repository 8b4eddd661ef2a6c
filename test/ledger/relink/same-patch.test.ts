import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Alike, matchAlike } from '../../../lib/ledger/relink/same-patch.ts';

const alike = (id: string, author: string | null = null): Alike => ({ id, author });

describe('matchAlike', () => {
  it('takes one commit and one record for each other', () => {
    expect(matchAlike([alike('X', 'jane 2')], [alike('r', 'jane 1')])).toEqual({
      pairs: [{ commit: 'X', record: 'r' }],
      ambiguous: [],
    });
    expect(matchAlike([alike('X')], [])).toEqual({ pairs: [], ambiguous: [] });
  });

  it('goes by the author line where the same change was made twice, and leaves the other commit', () => {
    const commits = [alike('X', 'jane 1'), alike('Y', 'jane 2')];
    expect(matchAlike(commits, [alike('r', 'jane 2')])).toEqual({
      pairs: [{ commit: 'Y', record: 'r' }],
      ambiguous: [],
    });
    expect(matchAlike(commits, [alike('r', 'jane 2'), alike('s', 'jane 1')]).pairs).toEqual([
      { commit: 'X', record: 's' },
      { commit: 'Y', record: 'r' },
    ]);
  });

  it('names what nothing decides', () => {
    const commits = [alike('X', 'jane 1'), alike('Y', 'jane 2')];
    expect(matchAlike(commits, [alike('r')])).toEqual({
      pairs: [],
      ambiguous: [
        { commit: 'X', records: ['r'] },
        { commit: 'Y', records: ['r'] },
      ],
    });
    expect(matchAlike([alike('X', 'jane 1')], [alike('r', 'jane 1'), alike('s', 'jane 1')])).toEqual({
      pairs: [],
      ambiguous: [{ commit: 'X', records: ['r', 's'] }],
    });
  });

  it('never says anything else when the order is another, gives nothing away twice, and guesses nothing', () => {
    const side = (prefix: string) =>
      fc
        .array(fc.option(fc.nat(5).map(String), { nil: null }), { maxLength: 7 })
        .map((authors) => authors.map((author, i) => alike(`${prefix}${i}`, author)));
    fc.assert(
      fc.property(side('c'), side('r'), (commits, records) => {
        const { pairs, ambiguous } = matchAlike(commits, records);
        const again = matchAlike([...commits].reverse(), [...records].reverse());
        const key = ({ commit, record }: { commit: string; record: string }) => `${commit} ${record}`;
        expect(again.pairs.map(key).sort()).toEqual(pairs.map(key).sort());
        expect(again.ambiguous.map(({ commit }) => commit).sort()).toEqual(
          ambiguous.map(({ commit }) => commit).sort(),
        );
        for (const ids of [pairs.map(({ commit }) => commit), pairs.map(({ record }) => record)])
          expect(new Set(ids).size).toBe(ids.length);
        const taken = new Set(pairs.map(({ commit }) => commit));
        expect(ambiguous.filter(({ commit }) => taken.has(commit))).toEqual([]);
        if (commits.length === 1 && records.length === 1) return;
        for (const { commit, record } of pairs) {
          const author = commits.find(({ id }) => id === commit)?.author;
          expect(author).not.toBeNull();
          expect(records.filter((one) => one.author === author).map(({ id }) => id)).toEqual([record]);
        }
      }),
    );
  });
});
