import { AgentLogError } from '../../core/errors.ts';
import { remoteNames } from '../../git/refs/remote.ts';
import { type Ledger, ledgerTip } from '../../ledger/ledger.ts';
import type { Io } from '../terminal/io.ts';

const FETCH = 'this clone has no records yet; `git agent-log sync` fetches those of its remote';

/** A clone brings no records along: whoever finds none is told how to get them. Nothing is asked of the network. */
export async function hintAtRemote(io: Io, ledger: Ledger): Promise<void> {
  if (await lacksRecords(ledger)) io.say(`hint: ${FETCH}\n`);
}

/** Does what needs a transaction. Where none is found for want of records, the error says how to get them. */
export async function withRemoteHint<T>(ledger: Ledger, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AgentLogError) || error.code !== 'NOT_FOUND') throw error;
    if (!(await lacksRecords(ledger))) throw error;
    throw new AgentLogError(error.code, error.kind, error.message, {
      hints: [`${FETCH}.`],
      cause: error.cause,
    });
  }
}

async function lacksRecords(ledger: Ledger): Promise<boolean> {
  return (await ledgerTip(ledger)) === null && (await remoteNames(ledger.repo)).length > 0;
}
