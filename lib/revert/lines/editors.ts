import { type Hunk, overlap, touch } from './hunk.ts';

/** One later commit's edits of a file. */
export interface Edit {
  readonly commit: string;
  /** Whether it goes itself: then it is followed, and not named. */
  readonly isOwn?: boolean;
  readonly hunks: readonly Hunk[];
}

/**
 * The commits that edited a place of a file, and those beside it where that counts: the place is followed through the
 * edits, the oldest first, and takes in what they put there.
 */
export function editorsOf(
  place: { readonly start: number; readonly end: number },
  edits: readonly Edit[],
  beside: boolean,
): string[] {
  const editors: string[] = [];
  let here: Hunk = { ...place, lines: [] };
  for (const { commit, hunks, isOwn = false } of edits) {
    const near = hunks.filter((hunk) => overlap(here, hunk) || (beside && touch(here, hunk)));
    if (near.length > 0 && !isOwn) editors.push(commit);
    here = { lines: [], ...moved(here, hunks, near) };
  }
  return editors;
}

/** Where a place is once hunks were made; those near it are part of it from then on. */
function moved(here: Hunk, hunks: readonly Hunk[], near: readonly Hunk[]): { start: number; end: number } {
  const start = Math.min(here.start, ...near.map((hunk) => hunk.start));
  const end = Math.max(here.end, ...near.map((hunk) => hunk.end));
  const before = hunks.filter((hunk) => !near.includes(hunk) && hunk.end <= start);
  const shift = before.reduce(growth, 0);
  return { start: start + shift, end: end + shift + near.reduce(growth, 0) };
}

function growth(sum: number, { start, end, lines }: Hunk): number {
  return sum + lines.length - (end - start);
}
