import { lineDiffs } from '../../git/line-diff.ts';
import type { Scratch } from '../../git/scratch.ts';
import { type Change, runsOf } from '../change.ts';

/** Lines that came into a file together. */
export interface AddedLines {
  readonly path: string;
  readonly lines: readonly string[];
}

/** What changes brought, block by block, as text. */
export async function addedBy(scratch: Scratch, changes: readonly Change[]): Promise<AddedLines[]> {
  const pairs = runsOf(changes).map(({ before, after }) => ({ from: before, to: after }));
  const diffs = await lineDiffs(scratch, pairs);
  return diffs.flat().flatMap(({ to, hunks }) =>
    (hunks ?? []).map(({ lines }) => ({
      path: to?.path ?? '',
      lines: lines.map((line) =>
        Buffer.from(line, 'latin1')
          .toString('utf8')
          .replace(/\r?\n$/, ''),
      ),
    })),
  );
}
