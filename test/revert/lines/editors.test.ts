import { expect, it } from 'vitest';
import { editorsOf } from '../../../lib/revert/lines/editors.ts';
import type { Hunk } from '../../../lib/revert/lines/hunk.ts';

function edit(commit: string, start: number, end: number, count: number): { commit: string; hunks: Hunk[] } {
  return { commit, hunks: [{ start, end, lines: Array.from({ length: count }, () => 'x\n') }] };
}

it('follows a place through edits above it, and below it names nobody', () => {
  const edits = [edit('above', 0, 1, 4), edit('below', 20, 21, 1), edit('there', 9, 10, 1)];
  expect(editorsOf({ start: 5, end: 7 }, edits, true)).toEqual(['there']);
});

it('takes in what was put there: who edits that later edits the place', () => {
  const edits = [edit('grows', 6, 6, 5), edit('inside', 9, 10, 1), edit('after', 13, 13, 1)];
  expect(editorsOf({ start: 5, end: 7 }, edits, true)).toEqual(['grows', 'inside']);
});

it('names who edits right beside it where that counts', () => {
  expect(editorsOf({ start: 5, end: 7 }, [edit('beside', 7, 8, 1)], false)).toEqual([]);
  expect(editorsOf({ start: 5, end: 7 }, [edit('beside', 7, 8, 1)], true)).toEqual(['beside']);
});

it('goes on where all of it was taken away', () => {
  const edits = [edit('takes', 4, 9, 0), edit('elsewhere', 6, 7, 1), edit('puts', 4, 4, 2)];
  expect(editorsOf({ start: 5, end: 7 }, edits, true)).toEqual(['takes', 'puts']);
});
