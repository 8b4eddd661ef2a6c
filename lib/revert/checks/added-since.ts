import { type FileDiff, lineDiffs } from '../../git/diffs/line-diff.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { type Change, runsOf } from '../working-out/change.ts';

/** Lines that came into a file together. */
export interface AddedLines {
  readonly path: string;
  readonly lines: readonly string[];
}

/** What each of several lots of changes brought, block by block, as text; from one git process. */
export async function addedByEach<const T extends readonly (readonly Change[])[]>(
  scratch: Scratch,
  lots: T,
): Promise<{ [K in keyof T]: AddedLines[] }> {
  const pairs = lots.map((changes) =>
    runsOf(changes).map(({ before, after }) => ({ from: before, to: after })),
  );
  const diffs = [...(await lineDiffs(scratch, pairs.flat()))];
  return pairs.map(({ length }) => diffs.splice(0, length).flat().flatMap(addedLines)) as {
    [K in keyof T]: AddedLines[];
  };
}

function addedLines({ to, hunks }: FileDiff): AddedLines[] {
  return (hunks ?? []).map(({ lines }) => ({
    path: to?.path ?? '',
    lines: lines.map((line) =>
      Buffer.from(line, 'latin1')
        .toString('utf8')
        .replace(/\r?\n$/, ''),
    ),
  }));
}
