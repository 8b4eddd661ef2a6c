import { mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Script } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepCompiled, readCompiled } from '../../../lib/cli/entry/compiled.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agent-log-compiled-'));
  path = join(folder, 'compiled', 'list');
});
afterEach(() => rm(folder, { recursive: true }));

/** A script that V8 has compiled so much of. */
function compiledTo(bytes: number): { readonly script: Script; readonly asked: () => number } {
  let times = 0;
  const createCachedData = (): Buffer => {
    times++;
    return Buffer.alloc(bytes, 1);
  };
  return { script: { createCachedData } as unknown as Script, asked: () => times };
}

function keepOften(runs: number, bytes: number): number {
  const { script, asked } = compiledTo(bytes);
  for (let run = 0; run < runs; run++) keepCompiled(path, readCompiled(path), script);
  return asked();
}

async function makeOlder(days: number): Promise<void> {
  const then = Date.now() / 1000 - days * 24 * 3600;
  await utimes(path, then, then);
}

describe('what V8 compiled, as it is kept', () => {
  it('is asked for until four runs brought nothing new', () => {
    expect(keepOften(9, 5000)).toBe(5);
    expect(readCompiled(path)).toMatchObject({ unchanged: 4 });
  });

  it('is looked at again once a day, and grows where a run had use for more', async () => {
    keepOften(5, 5000);
    await makeOlder(2);
    expect(keepOften(3, 5000)).toBe(1);
    expect(Date.now() - (await stat(path)).mtimeMs).toBeLessThan(3600 * 1000);
    await makeOlder(2);
    expect(keepOften(9, 9000)).toBe(5);
    expect(readCompiled(path)?.code.length).toBe(9000);
  });

  it('is not even asked for where it can’t be kept', async () => {
    await writeFile(join(folder, 'compiled'), '');
    expect(keepOften(3, 5000)).toBe(0);
  });
});
