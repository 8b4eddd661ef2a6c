import { type FileDiff, lineDiffs } from '../../git/diffs/line-diff.ts';
import type { ObjectReader } from '../../git/objects/catfile.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { linesOfText } from '../lines/hunk.ts';
import { type Change, runsOf } from '../working-out/change.ts';

/** What a later commit did to the work that git's words for the conflict do not tell. */
export interface Meeting {
  /** Names that would come back, and under which another file is now; what has the old file now is in `heldBy`. */
  readonly taken: readonly { readonly path: string; readonly heldBy: string | null }[];
  /** Lines of the work that it took out of a file and put into another. */
  readonly moved: readonly { readonly from: string; readonly to: string; readonly lines: number }[];
}

/** Letters and digits that lines must have together to be known again elsewhere; git asks for as many of a moved block. */
const TELLING = 20;

/** What each of some later commits did to the work, in these paths. */
export async function meetings(
  { scratch, reader }: { readonly scratch: Scratch; readonly reader: ObjectReader },
  work: readonly Change[],
  later: readonly { readonly change: Change; readonly paths: readonly string[] }[],
): Promise<Meeting[]> {
  const pairs = [...runsOf(work), ...later.map(({ change }) => change)];
  const diffs = await lineDiffs(
    scratch,
    pairs.map(({ before, after }) => ({ from: before, to: after })),
  );
  const made = diffs.slice(0, pairs.length - later.length).flat();
  return Promise.all(
    later.map(async ({ paths }, i) => {
      const theirs = diffs[pairs.length - later.length + i] ?? [];
      return { taken: taken(made, theirs, paths), moved: await moved(reader, made, theirs, paths) };
    }),
  );
}

function taken(
  made: readonly FileDiff[],
  theirs: readonly FileDiff[],
  paths: readonly string[],
): Meeting['taken'] {
  const added = new Set(theirs.flatMap(({ from, to }) => (from === null && to !== null ? [to.path] : [])));
  return paths.flatMap((path) => {
    const gone = made.find(({ from, to }) => from?.path === path && to?.path !== path);
    return gone !== undefined && added.has(path) ? [{ path, heldBy: gone.to?.path ?? null }] : [];
  });
}

async function moved(
  reader: ObjectReader,
  made: readonly FileDiff[],
  theirs: readonly FileDiff[],
  paths: readonly string[],
): Promise<Meeting['moved']> {
  const found: { from: string; to: string; lines: number }[] = [];
  for (const path of paths) {
    const brought = new Set(made.filter(({ to }) => to?.path === path).flatMap(addedTo));
    const own = theirs.find(({ from }) => from?.path === path);
    if (brought.size === 0 || own === undefined) continue;
    const left = new Set(
      own.to === null ? [] : linesOfText((await reader.read(own.to.oid))?.content ?? Buffer.of()),
    );
    for (const file of theirs) {
      const lines = addedTo(file).filter((line) => brought.has(line) && !left.has(line));
      const letters = lines.join('').replaceAll(/[^\p{L}\p{N}]/gu, '').length;
      if (file !== own && file.to !== null && letters >= TELLING)
        found.push({ from: path, to: file.to.path, lines: lines.length });
    }
  }
  return found;
}

function addedTo({ hunks }: FileDiff): string[] {
  return (hunks ?? []).flatMap(({ lines }) => lines);
}

/** A meeting in words. */
export function wordsOf({ taken: names, moved: moves }: Meeting): string[] {
  return [
    ...names.map(({ path, heldBy }) =>
      heldBy === null
        ? `put another file where ${path} would come back`
        : `put another file where ${path} would be again, which is ${heldBy} now`,
    ),
    ...moves.map(
      ({ from, to, lines }) => `moved ${lines} ${lines === 1 ? 'line' : 'lines'} of it from ${from} to ${to}`,
    ),
  ];
}
