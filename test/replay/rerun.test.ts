import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EntryDiff } from '../../lib/git/diffs/entry-diff.ts';
import { compareWork } from '../../lib/replay/rerun/compare.ts';
import { rerunVerdict } from '../../lib/replay/rerun/verdict.ts';

const DONE = { how: 'exit', code: 0 } as const;

function change(path: string, content: string | null): EntryDiff {
  const entry = (oid: string): EntryDiff['to'] => ({ mode: '100644', oid: oid.padEnd(40, '0') });
  return { path, from: null, to: content === null ? null : entry(content) };
}

describe('what a rerun shows', () => {
  const other = { isSameTree: false, similarity: 0.5, newClasses: [] };
  const same = { ...other, isSameTree: true };

  it('is accepted only by a check that was declared and passed', () => {
    expect(rerunVerdict(DONE, other, 'passed')).toBe('accepted');
    expect(rerunVerdict(DONE, other, 'failed')).toBe('divergent');
    expect(rerunVerdict(DONE, other, null)).toBe('inconclusive');
    expect(rerunVerdict(DONE, same, null)).toBe('identical');
    expect(rerunVerdict(DONE, same, 'failed')).toBe('divergent');
  });

  it('is not accepted where it changes what is risky and the record does not', () => {
    expect(rerunVerdict(DONE, { ...other, newClasses: ['iac'] }, 'passed')).toBe('divergent');
  });

  it('a runner that fails, fails; one that is not there or was ended, tells nothing', () => {
    expect(rerunVerdict({ how: 'exit', code: 1 }, other, null)).toBe('failed');
    expect(rerunVerdict({ how: 'exit', code: 127 }, other, null)).toBe('inconclusive');
    expect(rerunVerdict({ how: 'time', code: 137 }, same, null)).toBe('inconclusive');
  });
});

describe('two works on one base', () => {
  it('compare by the files either changed', () => {
    const first = [change('a', '1'), change('b', '2'), change('c', null)];
    expect(compareWork(first, first)).toEqual({ isSameTree: true, similarity: 1, newClasses: [] });
    expect(compareWork(first, [change('a', '1'), change('b', '3')])).toMatchObject({
      isSameTree: false,
      similarity: 1 / 3,
    });
    expect(compareWork([], [])).toMatchObject({ isSameTree: true, similarity: 1 });
  });

  it('tell which risk classes are new', () => {
    const lock = change('package.json', '1');
    expect(compareWork([change('a.ts', '1')], [lock]).newClasses).toEqual(['dependency-manifest']);
    expect(compareWork([lock], [change('package.json', '2')]).newClasses).toEqual([]);
  });

  it('are alike from both sides, and the same only when nothing differs', () => {
    const diffs = fc.uniqueArray(
      fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('1', '2', null)),
      {
        selector: ([path]) => path,
      },
    );
    fc.assert(
      fc.property(diffs, diffs, (one, two) => {
        const [first, second] = [one, two].map((all) => all.map(([path, to]) => change(path, to)));
        const [there, back] = [
          compareWork(first ?? [], second ?? []),
          compareWork(second ?? [], first ?? []),
        ];
        expect(there.similarity).toBe(back.similarity);
        expect(there.isSameTree).toBe(there.similarity === 1);
      }),
    );
  });
});
