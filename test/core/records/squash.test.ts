import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainedBetween, type Step, stepsBetween } from '../../../lib/core/records/squash.ts';

function step(digest: string, from: string, to: string | null, prev: string | null = null): Step {
  return { digest, before: [from], after: to, prev };
}

const sorted = (found: ReadonlySet<string>): string[] => [...found].sort();

describe('stepsBetween', () => {
  it('follows the trees, and takes in nothing that leads elsewhere', () => {
    const steps = [step('a', 'P', 'Q'), step('b', 'Q', 'R'), step('c', 'Q', 'X'), step('d', 'Y', 'R')];
    expect(sorted(stepsBetween(steps, 'P', 'R'))).toEqual(['a', 'b']);
    expect(sorted(stepsBetween(steps, 'P', 'Y'))).toEqual([]);
  });

  it('takes in what was undone and done again', () => {
    const steps = [step('a', 'P', 'Q'), step('b', 'Q', 'P'), step('c', 'P', 'Q')];
    expect(sorted(stepsBetween(steps, 'P', 'Q'))).toEqual(['a', 'b', 'c']);
  });

  it('takes an amend at either place it may begin', () => {
    const amend: Step = { digest: 'b', before: ['Q', 'P'], after: 'R', prev: 'a' };
    expect(sorted(stepsBetween([step('a', 'P', 'Q'), amend], 'P', 'R'))).toEqual(['a', 'b']);
    expect(sorted(stepsBetween([amend], 'P', 'R'))).toEqual(['b']);
  });

  it('finds every step of a line, in any order, and none beside it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.tuple(fc.nat(12), fc.nat(12))),
        fc.infiniteStream(fc.nat()),
        (length, stray, order) => {
          const line = Array.from({ length }, (_, i) => step(`line${i}`, `t${i}`, `t${i + 1}`));
          const beside = stray.map(([from, to], i) => step(`stray${i}`, `t${from}`, `s${to}`));
          const all = [...line, ...beside]
            .map((one) => ({ one, at: order.next().value ?? 0 }))
            .sort((a, b) => a.at - b.at)
            .map(({ one }) => one);
          expect(sorted(stepsBetween(all, 't0', `t${length}`))).toEqual(
            line.map(({ digest }) => digest).sort(),
          );
        },
      ),
    );
  });
});

describe('chainedBetween', () => {
  it('fills the gap between two records of a chain, and no more', () => {
    const steps = [
      step('a', '', null),
      step('b', '', null, 'a'),
      step('c', '', null, 'b'),
      step('d', '', null, 'c'),
      step('e', '', null, 'd'),
    ];
    expect(sorted(chainedBetween(steps, new Set(['b', 'd'])))).toEqual(['c']);
    expect(sorted(chainedBetween(steps, new Set(['d'])))).toEqual([]);
    expect(
      sorted(
        chainedBetween(
          steps.filter(({ digest }) => digest !== 'c'),
          new Set(['b', 'd']),
        ),
      ),
    ).toEqual([]);
  });

  it('a chain somebody made a circle of comes to an end', () => {
    const steps = [step('a', '', null, 'b'), step('b', '', null, 'a'), step('c', '', null, 'a')];
    expect(sorted(chainedBetween(steps, new Set(['c'])))).toEqual([]);
  });
});
