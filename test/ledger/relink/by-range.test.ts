import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { surest } from '../../../lib/ledger/relink/by-range.ts';
import type { Work } from '../../../lib/ledger/relink/works.ts';

function work(digest: string): Work {
  const head = { commit: null, tree: null, parents: [] };
  return {
    digest,
    from: digest,
    id: digest,
    txn: '',
    seq: 1,
    head,
    tree: null,
    amends: null,
    bindings: [],
    landings: [],
  };
}

const [a, b, c] = [work('a'), work('b'), work('c')];
const way = (...works: Work[]) => ({ works, range: null });
const digests = ({ works }: { works: readonly Work[] }): string[] => works.map(({ digest }) => digest);

describe('surest', () => {
  it('takes the one way there is, and the least of several that hold each other', () => {
    expect(digests(surest([way(a, b)], new Set()))).toEqual(['a', 'b']);
    expect(digests(surest([way(a, b, c), way(a, b)], new Set()))).toEqual(['a', 'b']);
  });

  it('names all where ways contradict each other', () => {
    const { works, rivals } = surest([way(a, b), way(a, c)], new Set());
    expect({ works, rivals }).toEqual({ works: [], rivals: ['a', 'b', 'c'] });
  });

  it('leaves out what landed before', () => {
    expect(digests(surest([way(a, b)], new Set([a])))).toEqual(['b']);
    expect(surest([way(a)], new Set([a]))).toEqual({ works: [], range: null, rivals: [] });
  });

  it('never gives what one of the ways does not hold', () => {
    const all = Array.from({ length: 5 }, (_, i) => work(`w${i}`));
    fc.assert(
      fc.property(fc.array(fc.subarray(all), { maxLength: 6 }), fc.subarray(all), (ways, landed) => {
        const { works } = surest(
          ways.map((one) => way(...one)),
          new Set(landed),
        );
        const open = ways
          .map((one) => one.filter((item) => !landed.includes(item)))
          .filter((one) => one.length > 0);
        for (const item of works) {
          expect(landed).not.toContain(item);
          expect(open.every((one) => one.includes(item))).toBe(true);
        }
      }),
    );
  });
});
