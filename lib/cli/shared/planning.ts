import type { PlanFlags } from '../../revert/ways/way.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { progressOf } from '../terminal/progress.ts';

type OnProgress = NonNullable<PlanFlags['onProgress']>;

/** Plans, and tells on a terminal what that is at once it takes long; not beside `--json`. */
export async function tellingProgress<T>(
  io: Io,
  flags: Flags,
  plan: (onProgress: OnProgress) => Promise<T>,
): Promise<T> {
  if (flags['json'] === true) return plan(() => undefined);
  const progress = progressOf(io);
  try {
    return await plan((doing) => (doing === null ? progress.end() : progress.say(`planning: ${doing}`)));
  } finally {
    progress.end();
  }
}
