import type { Ended } from '../start.ts';
import { sayingColumns, wrapHints } from './hint-lines.ts';
import { reportError } from './report.ts';

/** Does a command's work. Gives how it ended; what it threw is said on stderr. Never throws. */
export async function ending(debug: boolean, work: () => Promise<Ended>): Promise<Ended> {
  try {
    return await work();
  } catch (error) {
    const { text, exitCode } = reportError(error, debug);
    process.stderr.write(wrapHints(text, sayingColumns()));
    return { code: exitCode, did: null };
  }
}
