import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Hunk, withHunks } from '../../../lib/revert/lines/hunk.ts';
import { type Fate, takeBack } from '../../../lib/revert/lines/take-back.ts';

const BASE = ['a\n', 'b\n', 'c\n', 'd\n', 'e\n', 'f\n'];

function hunk(start: number, end: number, ...lines: string[]): Hunk {
  return { start, end, lines: lines.map((line) => `${line}\n`) };
}

function text(lines: readonly string[]): string {
  return lines.join('').replaceAll('\n', ' ').trim();
}

describe('one place of work, and what was edited since', () => {
  it.each<[string, Hunk, Hunk[], Fate, string]>([
    ['nothing near', hunk(1, 2), [hunk(4, 5, 'E')], 'applied', 'a c d E f'],
    ['an edit beside lines that only go', hunk(1, 2), [hunk(2, 3, 'C')], 'applied', 'a C d e f'],
    ['an edit before lines that only go', hunk(1, 2), [hunk(0, 1, 'A')], 'applied', 'A c d e f'],
    ['lines put in before lines that only go', hunk(1, 2), [hunk(1, 1, 'new')], 'applied', 'a new c d e f'],
    ['an edit beside lines that come back', hunk(1, 2, 'B'), [hunk(2, 3, 'C')], 'blocked', 'a b C d e f'],
    ['an edit of one of two lines', hunk(1, 3), [hunk(2, 3, 'C')], 'blocked', 'a b C d e f'],
    ['lines put in between', hunk(1, 3), [hunk(2, 2, 'new')], 'applied', 'a new d e f'],
    [
      'lines put in at two places between',
      hunk(1, 4),
      [hunk(2, 2, 'x'), hunk(3, 3, 'y')],
      'applied',
      'a x y e f',
    ],
    ['lines put into what it opened', hunk(1, 3), [hunk(2, 2, ' new')], 'blocked', 'a b  new c d e f'],
    [
      'lines put in between what it replaced',
      hunk(1, 3, 'B'),
      [hunk(2, 2, 'new')],
      'blocked',
      'a b new c d e f',
    ],
    [
      'all of it overwritten, and something was there before',
      hunk(1, 3, 'x'),
      [hunk(1, 3, 'y')],
      'superseded',
      'a y d e f',
    ],
    [
      'all of it overwritten, and put elsewhere: it was moved',
      hunk(1, 3, 'x'),
      [hunk(1, 3, 'y'), hunk(5, 5, 'b', 'c')],
      'blocked',
      'a y d e b c f',
    ],
    [
      'all of it removed, and put elsewhere, where nothing was before',
      hunk(1, 3),
      [hunk(1, 3), hunk(5, 5, 'b', 'c')],
      'blocked',
      'a d e b c f',
    ],
    [
      'lines it took out of what was moved',
      hunk(2, 2, 'x'),
      [hunk(1, 4), hunk(5, 5, 'b', 'c', 'd')],
      'blocked',
      'a e b c d f',
    ],
    [
      'lines it took out of what is gone but for one',
      hunk(2, 2, 'x'),
      [hunk(1, 4), hunk(5, 5, 'b')],
      'superseded',
      'a e b f',
    ],
    [
      'all of it overwritten, and nothing was there before',
      hunk(1, 3),
      [hunk(1, 3, 'y')],
      'blocked',
      'a y d e f',
    ],
    ['all of it deleted since', hunk(1, 3), [hunk(0, 4)], 'done', 'e f'],
    ['taken back by hand', hunk(1, 3, 'x'), [hunk(1, 3, 'x')], 'done', 'a x d e f'],
    [
      'lines it deleted, where others have put some in',
      hunk(2, 2, 'x'),
      [hunk(2, 2, 'y')],
      'superseded',
      'a b y c d e f',
    ],
    ['lines it deleted, beside an edit', hunk(2, 2, 'x'), [hunk(2, 3, 'C')], 'superseded', 'a b C d e f'],
  ])('%s', (_, inverse, later, fate, result) => {
    const taken = takeBack(BASE, [inverse], later);
    expect([taken.fates.map((one) => one.fate), text(taken.lines)]).toEqual([[fate], result]);
  });
});

it('leaves lines put in between alone in data, where an entry needs what is around it', () => {
  const { fates } = takeBack(BASE, [hunk(1, 3)], [hunk(2, 2, 'new')], 'data');
  expect(fates).toMatchObject([{ fate: 'blocked' }]);
});

/** Hunks of a text of some length, in order and apart. */
function hunks(length: number): fc.Arbitrary<Hunk[]> {
  const cut = fc.tuple(
    fc.nat({ max: length }),
    fc.nat({ max: 3 }),
    fc.array(fc.constantFrom('x\n', 'y\n', 'z\n'), { maxLength: 3 }),
  );
  return fc.array(cut, { maxLength: 5 }).map((cuts) => {
    let at = -1;
    return cuts
      .sort(([a], [b]) => a - b)
      .flatMap(([start, size, lines]): Hunk[] => {
        const end = Math.min(length, start + size);
        if (start <= at || (start === end && lines.length === 0)) return [];
        at = end;
        return [{ start, end, lines }];
      });
  });
}

describe('whatever was edited', () => {
  it('is the text without the work where nobody edited anything', () => {
    fc.assert(
      fc.property(hunks(6), (inverse) => {
        expect(takeBack(BASE, inverse, []).lines).toEqual(withHunks(BASE, inverse));
      }),
    );
  });

  it('keeps every later edit: only what is applied differs from the text as it is now', () => {
    fc.assert(
      fc.property(hunks(6), hunks(6), (inverse, later) => {
        const { lines, fates } = takeBack(BASE, inverse, later);
        const applied = fates.filter(({ fate }) => fate === 'applied').map((one) => one.inverse);
        if (applied.length === 0) expect(lines).toEqual(withHunks(BASE, later));
        const removed = applied.reduce((sum, { start, end }) => sum + end - start, 0);
        const added = applied.reduce((sum, one) => sum + one.lines.length, 0);
        expect(lines).toHaveLength(withHunks(BASE, later).length - removed + added);
      }),
    );
  });
});

it('leaves what may be either of two equal lines, one of which somebody deleted', () => {
  const base = ['a\n', 'same\n', 'same\n', 'work\n', 'z\n'];
  // The work is the second of the two and the next; whose of the two is gone since, the text does not tell.
  const { fates, lines } = takeBack(base, [hunk(2, 4)], [hunk(1, 2)]);
  expect(fates.map(({ fate }) => fate)).toEqual(['blocked']);
  expect(text(lines)).toBe('a same work z');
});
