import { describe, expect, it } from 'vitest';
import type { Pair } from '../../../lib/capture/rewritten/kept.ts';
import { groupsOf, parseList, withoutSkipped } from '../../../lib/capture/rewritten/list.ts';

const id = (letter: string): string => letter.repeat(40);
const [ONTO, A, B, C, A2, C2] = ['0', 'a', 'b', 'c', '1', '3'].map(id) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const list = (...lines: string[]): ReturnType<typeof parseList> =>
  parseList([...lines, `onto ${ONTO}`].join('\n'));

describe('what a rebase was asked to do', () => {
  it('is read with the commits that go into the one before', () => {
    expect(list(`pick ${A}`, `fixup ${B}`, 'exec make', `drop ${ONTO}`, `s ${C}`)).toEqual({
      commits: new Set([A, B, C]),
      joined: new Set([B, C]),
      hasMerges: false,
      onto: ONTO,
    });
  });

  it('is null where no rebase told', () => {
    expect(parseList(`${A} ${A2}\n`)).toBeNull();
  });
});

describe('pairs without those of skipped commits', () => {
  it('keeps all where no rebase told', () => {
    expect(withoutSkipped([{ from: A, to: A2 }], null)).toEqual([{ from: A, to: A2 }]);
  });

  it('leaves out what became the commit the rebase began on', () => {
    expect(withoutSkipped([{ from: A, to: ONTO }], list(`pick ${A}`))).toEqual([]);
  });

  it('leaves out what became the commit before', () => {
    const pairs = [
      { from: A, to: A2 },
      { from: B, to: A2 },
      { from: C, to: C2 },
    ];
    expect(withoutSkipped(pairs, list(`pick ${A}`, `pick ${B}`, `pick ${C}`))).toEqual([pairs[0], pairs[2]]);
  });

  it('leaves out what became a commit that stayed as it was', () => {
    expect(withoutSkipped([{ from: B, to: A }], list(`pick ${A}`, `pick ${B}`))).toEqual([]);
  });

  it('keeps what went into the one before because the list said so', () => {
    const pairs = [
      { from: A, to: A2 },
      { from: B, to: A2 },
    ];
    expect(withoutSkipped(pairs, list(`pick ${A}`, `squash ${B}`))).toEqual(pairs);
  });
});

describe('commits others were to go into', () => {
  const groups = (pairs: readonly Pair[], ...lines: string[]): ReturnType<typeof groupsOf> =>
    groupsOf(
      list(...lines) ?? { commits: new Set(), joined: new Set(), hasMerges: false, onto: null },
      pairs,
    );

  it('are told with where HEAD stood: where the rebase began', () => {
    expect(groups([], `pick ${A}`, `fixup ${B}`, `pick ${C}`)).toEqual([
      { lead: A, joins: [B], before: ONTO },
    ]);
  });

  it('with what came of the one before, or with itself where nothing was made of it', () => {
    const lines = [`pick ${A}`, `reword ${B}`, `squash ${C}`];
    expect(groups([{ from: A, to: A2 }], ...lines)).toEqual([{ lead: B, joins: [C], before: A2 }]);
    expect(groups([], ...lines)).toEqual([{ lead: B, joins: [C], before: A }]);
  });
});
