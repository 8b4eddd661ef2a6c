import { mkdir, mkdtemp, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Place, placeAt } from '../../../lib/capture/place.ts';
import { dropRejected } from '../../../lib/capture/spool/rejected.ts';
import { NOW } from '../../support/records.ts';

const DAY_S = 24 * 60 * 60;
let dir = '';
let place: Place;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'rejected-'));
  place = placeAt(dir);
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function rejected(name: string, ageDays: number, size = 1): Promise<void> {
  await mkdir(place.rejected, { recursive: true });
  const path = join(place.rejected, name);
  await writeFile(path, '');
  await truncate(path, size);
  await utimes(path, NOW / 1000, NOW / 1000 - ageDays * DAY_S);
}

describe('payloads nobody could read', () => {
  it('are kept for two weeks, also where the clock was set back', async () => {
    for (const [name, age] of [
      ['new', 0],
      ['of last week', 13],
      ['old', 15],
      ['from ahead', -15],
    ] as const)
      await rejected(name, age);
    await dropRejected(place, NOW);
    expect((await readdir(place.rejected)).sort()).toEqual(['new', 'of last week']);
  });

  it('are a hundred at the most, the newest', async () => {
    for (let i = 0; i < 120; i++) await rejected(`${i}`, i / 100);
    await dropRejected(place, NOW);
    const left = (await readdir(place.rejected)).map(Number);
    expect(left).toHaveLength(100);
    expect(Math.max(...left)).toBe(99);
  });

  it('take no more room than a few payloads of the largest size', async () => {
    for (let i = 0; i < 6; i++) await rejected(`${i}`, i, 8 * 1024 * 1024);
    await dropRejected(place, NOW);
    expect((await readdir(place.rejected)).sort()).toEqual(['0', '1', '2', '3']);
  });

  it('are there when somebody looks: the newest stays, however large it is', async () => {
    await rejected('huge', 0, 50 * 1024 * 1024);
    await rejected('small', 1);
    await dropRejected(place, NOW);
    expect(await readdir(place.rejected)).toEqual(['huge']);
  });

  it('may be none', async () => {
    await expect(dropRejected(place, NOW)).resolves.toBeUndefined();
  });
});
