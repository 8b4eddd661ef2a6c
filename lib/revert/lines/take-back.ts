import { byPlace, type Hunk, overlap, sameHunk, touch, withHunks } from './hunk.ts';

/** What becomes of one hunk that would take work back, once later edits are looked at. */
export type Fate =
  /** Nobody changed anything there since. */
  | 'applied'
  /** It was taken back there already. */
  | 'done'
  /** Others have overwritten all of the work there: it stays as they left it. */
  | 'superseded'
  /** Work is alive there that later edits stand beside or build on. */
  | 'blocked';

export interface TakenBack {
  readonly lines: readonly string[];
  readonly fates: readonly HunkFate[];
}

export interface HunkFate {
  readonly inverse: Hunk;
  readonly fate: Fate;
  /** The later edits that decided it. */
  readonly later: readonly Hunk[];
}

/** Of data a parser knows where an entry belongs, indentation tells it of code. */
export type TextKind = 'code' | 'data';

/**
 * Takes work back in a text that was edited since. All three are about the text as the work left it (`base`): `inverse`
 * leads to the text without the work, `later` to the text as it is now. Finer than a three-way merge, which refuses
 * whatever touches; what is blocked stays as it is now.
 */
export function takeBack(
  base: readonly string[],
  inverse: readonly Hunk[],
  later: readonly Hunk[],
  kind: TextKind = 'code',
): TakenBack {
  const fates = inverse.map((hunk) => fateOf(base, hunk, later, kind));
  const applied = fates.filter(({ fate }) => fate === 'applied').flatMap(around);
  return { lines: withHunks(base, [...applied, ...later].sort(byPlace)), fates };
}

/** A deletion in pieces: what others have put in between stays. */
function around({ inverse, later }: HunkFate): Hunk[] {
  const cuts = later.map(({ start }) => start).filter((at) => inverse.start < at && at < inverse.end);
  const ends = [...new Set(cuts), inverse.end];
  return ends.map((end, i) => (i === 0 ? { ...inverse, end } : { start: ends[i - 1] ?? 0, end, lines: [] }));
}

function fateOf(base: readonly string[], inverse: Hunk, later: readonly Hunk[], kind: TextKind): HunkFate {
  const over = later.filter((edit) => overlap(inverse, edit));
  const beside = later.filter((edit) => touch(inverse, edit));
  const onlyDeletes = inverse.lines.length === 0;
  // Lines put back right beside an edit are too easily there twice: an entry moved within a list, say.
  const isSure = onlyDeletes && !isAmbiguous(base, inverse, beside);
  const isFree = isSure && kind === 'code' && over.every((edit) => standsFree(base, inverse, edit));
  if (over.length > 0 && isFree) return { inverse, later: over, fate: 'applied' };
  const near = over.length > 0 || isSure ? over : beside;
  const fate = fateNear(inverse, near);
  // What was only moved is the work's still: nobody has overwritten it, or taken it back.
  const isCarried = fate !== 'applied' && wasCarried(base, inverse, later);
  return { inverse, later: near, fate: isCarried ? 'blocked' : fate };
}

/** Lines somebody put between the work's, and not into anything it opened: no line of it before them is less indented. */
function standsFree(base: readonly string[], inverse: Hunk, edit: Hunk): boolean {
  if (edit.start !== edit.end) return false;
  const before = base.slice(inverse.start, edit.start).filter(isTelling).map(indentOf);
  const outermost = Math.min(...edit.lines.filter(isTelling).map(indentOf));
  return Number.isFinite(outermost) && before.every((indent) => indent >= outermost);
}

function isTelling(line: string): boolean {
  return line.trim() !== '';
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** Where lines repeat, a deletion may as well be that of the same lines further on: nobody can tell whose went. */
function isAmbiguous(base: readonly string[], inverse: Hunk, beside: readonly Hunk[]): boolean {
  const own = slidden(base, inverse);
  return beside.some((edit) => overlap(inverse, slidden(base, edit)) || overlap(own, edit));
}

/** All places a deletion could be at, for the same lines to be left. */
function slidden(base: readonly string[], hunk: Hunk): Hunk {
  let { start, end } = hunk;
  if (hunk.lines.length > 0 || start === end) return hunk;
  while (start > 0 && base[start - 1] === base[start - 1 + hunk.end - hunk.start]) start--;
  while (end < base.length && base[end] === base[end - (hunk.end - hunk.start)]) end++;
  return { start, end, lines: [] };
}

function fateNear(inverse: Hunk, near: readonly Hunk[]): Fate {
  if (near.length === 0) return 'applied';
  if (near.some((edit) => sameHunk(inverse, edit))) return 'done';
  if (isAlive(inverse, near)) return 'blocked';
  if (inverse.lines.length > 0) return 'superseded';
  // It only added lines, and all of them are gone: for good, or into something made of them.
  return near.every((edit) => edit.lines.length === 0) ? 'done' : 'blocked';
}

/**
 * A line of it that says something, and was there once, stands among the lines that later edits put elsewhere; where it only
 * took lines away, the two it took them from between.
 */
function wasCarried(base: readonly string[], { start, end }: Hunk, later: readonly Hunk[]): boolean {
  const put = new Set(later.flatMap(({ lines }) => lines));
  const isCarried = (line: string): boolean =>
    /\w/.test(line) && put.has(line) && base.indexOf(line) === base.lastIndexOf(line);
  if (start < end) return base.slice(start, end).some(isCarried);
  return start > 0 && start < base.length && base.slice(start - 1, start + 1).every(isCarried);
}

/** A line the work brought is still there. */
function isAlive({ start, end }: Hunk, near: readonly Hunk[]): boolean {
  for (let line = start; line < end; line++)
    if (!near.some((edit) => edit.start <= line && line < edit.end)) return true;
  return false;
}
