import type { Ledger } from '../../ledger/ledger.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { progressOf } from '../terminal/progress.ts';
import { bytesText } from '../views/text.ts';
import { withLedger } from './open.ts';
import { textFlag } from './open-flags.ts';

/**
 * Opens the ledger a command asks: that of the repository around, or of one far away (--remote). `name` is what is asked of
 * it, null for all; `work` gets it as it is called there.
 */
export async function withAskedLedger<T>(
  io: Io,
  flags: Flags,
  name: string | null,
  work: (ledger: Ledger, name: string | null) => Promise<T>,
): Promise<T> {
  const remote = textFlag(flags, 'remote');
  if (remote === undefined) return withLedger(io, (ledger) => work(ledger, name));
  const { openFarLedger } = await import('../../ledger/sync/far-ledger.ts');
  const progress = progressOf(io);
  const onBytes = (bytes: number): void => progress.say(() => `fetching: ${bytesText(bytes)}`);
  const far = await openFarLedger(remote, { name, onBytes }).finally(() => progress.end());
  try {
    return await work(far.ledger, far.name);
  } finally {
    io.say(`fetched ${bytesText(far.bytes())}\n`);
    await far.close();
  }
}
