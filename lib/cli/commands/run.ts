import { sealConfig } from '../../capture/commit/context.ts';
import { recordsOf, runAsAgent } from '../../capture/transaction/manual.ts';
import { openRepository, withLedger } from '../shared/open.ts';
import { readOpenFlags } from '../shared/open-flags.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';

export async function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  const repo = await openRepository(io);
  const options = await readOpenFlags(io, flags);
  const context = { repo, config: await sealConfig(repo), env: io.env, now: io.now };
  const result = await runAsAgent(context, options, args, (txn) => io.say(`transaction ${txn}\n`));
  // Opening the ledger binds what the command committed.
  const records = await withLedger(io, () => recordsOf(repo, result.txn));
  io.say(
    records > 0
      ? `See it with \`git agent-log show ${result.txn}\`.\n`
      : 'No commit was recorded in it so far.\n',
  );
  return result.exitCode;
}
