/** First and last line, both counted from 1 and both in it. */
export type LineRange = readonly [number, number];

const MAX_LINE = 2 ** 31;

/** Ranges as `1,4-9,12`, the first `most` of them; null when the text is not that. */
export function parseRanges(text: string, most: number): LineRange[] | null {
  const ranges: LineRange[] = [];
  for (const part of text.split(',', most)) {
    const match = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(part);
    if (match === null) return null;
    const range = lineRange(Number(match[1]), Number(match[2] ?? match[1]));
    if (range === null) return null;
    ranges.push(range);
  }
  return ranges;
}

export function lineRange(from: number, to: number): LineRange | null {
  return from >= 1 && to >= from && to <= MAX_LINE ? [from, to] : null;
}

/** How many lines some ranges hold; a line in two of them is one line. */
export function countLines(ranges: readonly LineRange[]): number {
  let count = 0;
  let end = 0;
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (to <= end) continue;
    count += to - Math.max(from - 1, end);
    end = to;
  }
  return count;
}
