import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { withLock } from '../../../lib/ledger/notes/lock.ts';

it('never lets two in, however often a lock is given back while others look at it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'agent-log-lock-'));
  let inside = 0;
  const most: number[] = [];
  const work = async (): Promise<void> => {
    most.push(++inside);
    await sleep(1);
    inside--;
  };
  const left = (): Promise<void> =>
    Promise.reject(new Error('nobody gave back a lock that each holds for a moment'));
  for (let round = 0; round < 25; round++) {
    const one = (): Promise<void> => withLock(join(dir, 'lock'), 20_000, work, left);
    await Promise.all(Array.from({ length: 40 }, one));
  }
  await rm(dir, { recursive: true });
  expect(Math.max(...most)).toBe(1);
  expect(most).toHaveLength(25 * 40);
});
