import { describe, expect, it } from 'vitest';
import { AgentLogError } from '../../../lib/core/errors.ts';
import { openBudget } from '../../../lib/revert/working-out/budget.ts';

/** A clock that somebody else moves. */
function clock(): { now: number; read: () => number } {
  const time = { now: 1_000, read: () => time.now };
  return time;
}

describe('a budget', () => {
  it('gives up what does not end in time, and tells each once', async () => {
    const time = clock();
    const budget = openBudget(500, time.read);
    expect(await budget.attempt('first', async () => 1)).toBe(1);
    const slow = async (): Promise<void> => {
      time.now += 501;
      budget.check();
    };
    expect(await budget.attempt('second', slow)).toBeNull();
    expect(await budget.attempt('third', async () => 3)).toBeNull();
    expect(await budget.attempt('second', async () => 2)).toBeNull();
    expect(budget.notTried).toEqual(['second', 'third']);
  });

  it('does not count what is done outside, also where that fails', async () => {
    const time = clock();
    const budget = openBudget(500, time.read);
    const work = async (): Promise<never> => {
      time.now += 10_000;
      throw new Error('no');
    };
    await expect(budget.outside(work)).rejects.toThrow('no');
    expect(() => budget.check()).not.toThrow();
    time.now += 501;
    expect(() => budget.check()).toThrow(AgentLogError);
  });

  it('tells what it is at, at every step, and before something else is done', async () => {
    const heard: (string | null)[] = [];
    const budget = openBudget(500, clock().read, (doing) => void heard.push(doing));
    budget.check();
    await budget.attempt('first', async () => {
      await budget.attempt('second', async () => budget.check());
      await budget.outside(async () => undefined);
      budget.check();
    });
    budget.check();
    const start = 'what stands in the way';
    expect(heard).toEqual([start, 'first', 'second', 'second', null, 'first', start]);
  });

  it('hands on whatever else goes wrong', async () => {
    const other = async (): Promise<never> => Promise.reject(new Error('else'));
    await expect(openBudget(500, clock().read).attempt('x', other)).rejects.toThrow('else');
  });
});
