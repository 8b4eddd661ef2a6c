import { endTxn } from '../../capture/transaction/manual.ts';
import { withLedger } from '../shared/open.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';

export async function run(io: Io, _args: readonly string[], flags: Flags): Promise<number> {
  const state = await withLedger(io, (ledger) => endTxn(ledger.repo, io.now));
  io.print(
    flags['json'] === true
      ? `${JSON.stringify({ schema: 'agent-log/end/v1', txn: state.txn })}\n`
      : `${state.txn}\n`,
  );
  const next =
    state.seq > 0 ? `See it with \`git agent-log show ${state.txn}\`.` : 'No commit was recorded in it.';
  io.say(`Closed. ${next}\n`);
  return 0;
}
