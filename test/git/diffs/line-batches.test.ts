import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LineBatches } from '../../../lib/git/diffs/line-batches.ts';

const BATCH = 200;
const LONGEST = 300;

/** Of each file: as many lines, of such lengths. Larger ones than a batch are among them, and longer lines than any is to be. */
const files = fc.array(fc.array(fc.oneof(fc.nat(90), fc.nat(2 * LONGEST)), { minLength: 1, maxLength: 12 }), {
  maxLength: 30,
});
const cuts = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1 });

/** As git says them; each line tells which file it is of. */
function saidOf(all: readonly (readonly number[])[]): string[] {
  return all.flatMap((lengths, file) => lengths.map((length) => `tree:${file}\0${'x'.repeat(length)}\n`));
}

function* piecesOf(said: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, i = 0; at < said.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield said.subarray(at, at + size);
    at += size;
  }
}

function batchesOf(pieces: Iterable<Buffer>, isFreed: boolean): string[] {
  const told: string[] = [];
  const batches: LineBatches = new LineBatches(
    LONGEST,
    (batch) => {
      told.push(batch.toString('latin1'));
      if (isFreed) batches.free(batch);
    },
    BATCH,
  );
  for (const piece of pieces) batches.take(piece);
  batches.end();
  return told;
}

it('batches hold all lines in their order, whole, but for some of those that are too long', () => {
  fc.assert(
    fc.property(files, cuts, fc.boolean(), (all, sizes, isFreed) => {
      const said = saidOf(all);
      const batches = batchesOf(piecesOf(Buffer.from(said.join(''), 'latin1'), sizes), isFreed);
      for (const batch of batches) expect(batch.endsWith('\n')).toBe(true);
      const short = (line: string): boolean => line.length <= LONGEST;
      const lines = batches.join('').split(/(?<=\n)/);
      expect(lines.filter(short).filter((line) => line !== '')).toEqual(said.filter(short));
    }),
  );
});

it('a file is not torn, unless it is far larger than a batch', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(90), { minLength: 1, maxLength: 12 })), cuts, (all, sizes) => {
      const said = Buffer.from(saidOf(all).join(''), 'latin1');
      const batches = batchesOf(piecesOf(said, sizes), true);
      const torn = batches.slice(1).filter((batch, i) => fileOf(batch) === lastFileOf(batches[i] ?? ''));
      expect(torn).toEqual([]);
    }),
  );
});

function fileOf(lines: string): string {
  return lines.slice(0, lines.indexOf('\0'));
}

function lastFileOf(lines: string): string {
  return fileOf(lines.slice(lines.lastIndexOf('\n', lines.length - 2) + 1));
}
