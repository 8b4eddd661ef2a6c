import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until a condition holds; throws when it does not within the time (milliseconds). */
export async function eventually(condition: () => Promise<boolean>, patience = 20_000): Promise<void> {
  for (const end = Date.now() + patience; !(await condition()); await sleep(50)) {
    if (Date.now() > end) throw new Error(`did not come true within ${patience} ms: ${condition.toString()}`);
  }
}
