import type { LineChange } from '../../git/diffs/line-diff.ts';

/** A change of a text: some of its lines become others. */
export type Hunk = LineChange;

/** A text as lines, each with its line feed; bytes as latin1, so that whatever they mean comes out as it went in. */
export function linesOfText(content: Buffer): string[] {
  return content.toString('latin1').match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

export function textOfLines(lines: readonly string[]): Buffer {
  return Buffer.from(lines.join(''), 'latin1');
}

/** The text with hunks made in it; they are in order and do not overlap. */
export function withHunks(base: readonly string[], hunks: readonly Hunk[]): string[] {
  const lines: string[] = [];
  let at = 0;
  for (const hunk of hunks) {
    lines.push(...base.slice(at, hunk.start), ...hunk.lines);
    at = hunk.end;
  }
  return [...lines, ...base.slice(at)];
}

/** In order of place; of two at one place that which inserts goes first. */
export function byPlace(a: Hunk, b: Hunk): number {
  return a.start - b.start || a.end - b.end;
}

/** Both change a line, or both put lines in at one place, or one puts them inside what the other replaces. */
export function overlap(a: Hunk, b: Hunk): boolean {
  if (isInsertion(a) && isInsertion(b)) return a.start === b.start;
  if (isInsertion(a)) return b.start < a.start && a.start < b.end;
  if (isInsertion(b)) return a.start < b.start && b.start < a.end;
  return a.start < b.end && b.start < a.end;
}

/** One begins where the other ends. */
export function touch(a: Hunk, b: Hunk): boolean {
  return !overlap(a, b) && (a.end === b.start || b.end === a.start);
}

export function sameHunk(a: Hunk, b: Hunk): boolean {
  return (
    a.start === b.start &&
    a.end === b.end &&
    a.lines.length === b.lines.length &&
    a.lines.every((line, i) => line === b.lines[i])
  );
}

function isInsertion({ start, end }: Hunk): boolean {
  return start === end;
}
