import type { AddedLines } from './added-since.ts';

/** Fewer lines, or shorter ones, are the same by chance. */
const FEWEST_LINES = 3;
const FEWEST_LETTERS = 30;

/** Work that somebody put elsewhere later, too: where, and how many lines of it. */
export interface Copied {
  readonly path: string;
  readonly from: string;
  readonly lines: number;
}

/** Blocks of the work's lines that others added later, whatever their indentation. */
export function copiedBlocks(work: readonly AddedLines[], since: readonly AddedLines[]): Copied[] {
  const places = new Map<string, { block: readonly string[]; at: number; path: string }[]>();
  for (const { path, lines } of work) {
    const block = lines.map((line) => line.trim());
    block.forEach((line, at) => {
      if (line !== '') places.set(line, [...(places.get(line) ?? []).slice(0, 50), { block, at, path }]);
    });
  }
  return since.flatMap(({ path, lines }) => {
    const block = lines.map((line) => line.trim());
    const best = longestRun(block, places);
    return best === null ? [] : [{ path, ...best }];
  });
}

/** What was added later and has enough lines of the work for a block of them, whatever becomes of its other lines. */
export function sharing(work: readonly AddedLines[], since: readonly AddedLines[]): AddedLines[] {
  const known = new Set(work.flatMap(({ lines }) => lines.map((line) => line.trim())));
  known.delete('');
  return since.filter(({ lines }) => {
    const shared = lines.filter((line) => known.has(line.trim()));
    return shared.length >= FEWEST_LINES;
  });
}

function longestRun(
  lines: readonly string[],
  places: ReadonlyMap<string, readonly { block: readonly string[]; at: number; path: string }[]>,
): { from: string; lines: number } | null {
  let best: { from: string; lines: number } | null = null;
  for (let i = 0; i < lines.length; i++)
    for (const { block, at, path } of places.get(lines[i] ?? '') ?? []) {
      if (i > 0 && at > 0 && lines[i - 1] === block[at - 1]) continue;
      let size = 0;
      while (i + size < lines.length && at + size < block.length && lines[i + size] === block[at + size])
        size++;
      const told = lines.slice(i, i + size).filter((line) => line !== '');
      if (told.length < FEWEST_LINES || told.join('').length < FEWEST_LETTERS) continue;
      if (best === null || told.length > best.lines) best = { from: path, lines: told.length };
    }
  return best;
}
