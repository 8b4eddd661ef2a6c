import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from '../../lib/ledger/lock.ts';

let dir = '';
let path = '';

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'agent-log-lock-'));
  path = join(dir, 'lock');
});

afterEach(() => rm(dir, { recursive: true, force: true }));

const busy = (): Promise<string> => Promise.resolve('busy');

describe('withLock', () => {
  it('lets one in at a time, and leaves nothing behind', async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<string> => {
      most = Math.max(most, ++inside);
      await sleep(5);
      inside--;
      return 'done';
    };
    const all = await Promise.all(Array.from({ length: 8 }, () => withLock(path, 10_000, work, busy)));
    expect(all).toEqual(Array.from({ length: 8 }, () => 'done'));
    expect(most).toBe(1);
    expect(await readdir(dir)).toEqual([]);
  });

  it('takes over from a process that is gone', async () => {
    await writeFile(path, '999999999');
    expect(await withLock(path, 0, () => Promise.resolve('done'), busy)).toBe('done');
    expect(await readdir(dir)).toEqual([]);
  });

  it('takes over a lock that is half a minute old, and does not wait for a live one beyond its patience', async () => {
    await writeFile(path, String(process.ppid));
    expect(await withLock(path, 20, () => Promise.resolve('done'), busy)).toBe('busy');
    const old = Date.now() / 1000 - 31;
    await utimes(path, old, old);
    expect(await withLock(path, 20, () => Promise.resolve('done'), busy)).toBe('done');
  });

  it('leaves the lock of a process that took over from us', async () => {
    await withLock(
      path,
      0,
      () => writeFile(path, String(process.ppid)),
      () => Promise.resolve(),
    );
    expect(await readFile(path, 'utf8')).toBe(String(process.ppid));
  });
});
