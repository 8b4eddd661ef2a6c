import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from '../../../lib/ledger/notes/lock.ts';

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

  it.each([
    ['a process that has the id of one that died', [process.ppid, '1', hostname()], 0, 'done'],
    ['a live process', [process.ppid, '', hostname()], 0, 'busy'],
    ['a process of another machine, whose id means nothing here', [999999999, '', 'elsewhere'], 0, 'busy'],
    ['a process of another machine that stopped touching it', [999999999, '', 'elsewhere'], -31, 'done'],
    ['a time half a minute ahead, from before the clock was set back', [process.ppid, '', ''], 31, 'done'],
    ['a time hours ahead', [process.ppid, '', ''], 6 * 3600, 'done'],
  ])('sees %s', async (_what, words, seconds, comes) => {
    await writeFile(path, words.join('\n'));
    const at = Date.now() / 1000 + seconds;
    await utimes(path, at, at);
    expect(await withLock(path, 20, () => Promise.resolve('done'), busy)).toBe(comes);
  });

  it('takes over a lock nobody has written a word in, after a second', async () => {
    await writeFile(path, '');
    expect(await withLock(path, 20, () => Promise.resolve('done'), busy)).toBe('busy');
    expect(await withLock(path, 2000, () => Promise.resolve('done'), busy)).toBe('done');
  });

  it('says who holds it', async () => {
    const word = await withLock(path, 0, () => readFile(path, 'utf8'), busy);
    expect(word).toMatch(new RegExp(`^${process.pid}\n\\d*\n`));
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
