import { readdir, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until a condition holds; throws when it does not within the time (milliseconds). */
export async function eventually(condition: () => Promise<boolean>, patience = 20_000): Promise<void> {
  for (const end = Date.now() + patience; !(await condition()); await sleep(50)) {
    if (Date.now() > end) throw new Error(`did not come true within ${patience} ms: ${condition.toString()}`);
  }
}

/** Waits until no process works in a folder any more, where the system tells (Linux): what hooks started there is done. */
export function untilNobodyWorksIn(folder: string): Promise<void> {
  return eventually(async () => {
    const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
    const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
    return !folders.some((one) => one === folder || one.startsWith(`${folder}/`));
  });
}
