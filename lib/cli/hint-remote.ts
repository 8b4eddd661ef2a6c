import { remoteNames } from '../git/remote.ts';
import { type Ledger, ledgerTip } from '../ledger/ledger.ts';
import type { Io } from './io.ts';

/** A clone brings no records along: whoever finds none is told how to get them. Nothing is asked of the network. */
export async function hintAtRemote(io: Io, ledger: Ledger): Promise<void> {
  if ((await ledgerTip(ledger)) !== null || (await remoteNames(ledger.repo)).length === 0) return;
  io.say('hint: this clone has no records yet; `git agent-log sync` fetches those of its remote\n');
}
