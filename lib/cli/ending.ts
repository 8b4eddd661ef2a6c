import { reportError } from './report-error.ts';
import type { Ended } from './start.ts';

/** Does a command's work. Gives how it ended; what it threw is said on stderr. Never throws. */
export async function ending(debug: boolean, work: () => Promise<Ended>): Promise<Ended> {
  // A reader that has seen enough (`| head`) closes the pipe: that ends us, and is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? 0 : 128),
  );
  try {
    return await work();
  } catch (error) {
    const { text, exitCode } = reportError(error, debug);
    process.stderr.write(text);
    return { code: exitCode, did: null };
  }
}
