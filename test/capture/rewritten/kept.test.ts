import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Place, placeAt } from '../../../lib/capture/place.ts';
import { hasKept, parsePairs, parsePicks, readKept } from '../../../lib/capture/rewritten/kept.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);

async function place(): Promise<Place> {
  const dir = await mkdtemp(join(tmpdir(), 'kept-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  await mkdir(join(dir, 'rewritten'));
  return placeAt(dir);
}

describe('what hooks left', () => {
  it('reads pairs, and picks with their worktree', async () => {
    const here = await place();
    expect(await hasKept(here)).toBe(false);
    await writeFile(join(here.rewritten, '17-0'), `${A} ${B}\n`);
    await writeFile(
      here.picked,
      `${A} ${B} pick ${B} /some where/else\n${A} none rebase none /w\n${B} ${A} rebase /earlier hook\n${A} ${B} stop ${A} /w\n`,
    );
    expect(await hasKept(here)).toBe(true);
    const kept = await readKept(here);
    expect(kept.flatMap(({ pairs }) => pairs)).toEqual([{ from: A, to: B }]);
    expect(kept.flatMap(({ picks }) => picks)).toEqual([
      { from: A, onto: B, isMade: false, replaces: false, tree: B, top: '/some where/else' },
      { from: A, onto: 'none', isMade: false, replaces: true, tree: null, top: '/w' },
      { from: B, onto: A, isMade: false, replaces: true, tree: null, top: '/earlier hook' },
      { from: A, onto: B, isMade: true, replaces: true, tree: A, top: '/w' },
    ]);
    // Moved, so that what a hook writes now is in a file of its own.
    expect(await readdir(here.dir)).toEqual(['rewritten']);
    expect(await readKept(here)).toHaveLength(2);
  });

  it('a half-written file of a hook that still runs is none of them', async () => {
    const here = await place();
    await writeFile(join(here.rewritten, '17-0.tmp'), `${A} ${B}\n`);
    expect(await hasKept(here)).toBe(false);
  });

  it.each([
    ['an option instead of an id', `--all ${B}`],
    ['a revision instead of an id', `HEAD ${B}`],
    ['ids of different lengths', `${A} ${'b'.repeat(64)}`],
    ['an id that became itself', `${A} ${A}`],
    ['upper case', `${A.toUpperCase()} ${B}`],
    ['a third word', `${A} ${B} more`],
    ['a carriage return', `${A} ${B}\r`],
    ['control characters', `\u0000${A} ${B}`],
  ])('skips a line with %s', (_, line) => {
    expect(parsePairs(`${line}\n${A} ${B}\n`)).toEqual([{ from: A, to: B }]);
  });

  it.each([
    ['no absolute folder', `${A} ${B} pick w`],
    ['another kind', `${A} ${B} merge /w`],
    ['no id', `${A} HEAD pick /w`],
    ['a revision instead of a tree', `${A} ${B} pick HEAD /w`],
  ])('skips a pick with %s', (_, line) => {
    expect(parsePicks(`${line}\n`)).toEqual([]);
  });

  it('a link in the place of a file is not followed, and a file of any size is not read', async () => {
    const here = await place();
    await writeFile(join(here.dir, 'elsewhere'), `${A} ${B}\n`);
    await symlink(join(here.dir, 'elsewhere'), join(here.rewritten, '1-0'));
    await writeFile(join(here.rewritten, '2-0'), `${A} ${B}\n`.repeat(60_000));
    expect((await readKept(here)).flatMap(({ pairs }) => pairs)).toEqual([]);
  });
});
