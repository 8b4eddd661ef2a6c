import type { Scratch } from '../../git/objects/scratch.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { startByHand } from '../../revert/by-hand/start.ts';
import type { RevertPlan } from '../../revert/plan.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { renderStop, stopDocument } from '../views/by-hand.ts';
import { textFlag } from './plan-settings.ts';

/** Sets up for a person what the plan could not settle. Exit 1: it is not done before they have resolved it. */
export async function setUp(
  io: Io,
  ledger: Ledger,
  scratch: Scratch,
  plan: RevertPlan,
  flags: Flags,
): Promise<number> {
  const stop = await startByHand(ledger, scratch, plan, {
    reason: textFlag(flags, 'reason'),
    branch: textFlag(flags, 'branch'),
  });
  if (flags['json'] === true) io.print(`${JSON.stringify(stopDocument(stop, plan.txns))}\n`);
  else io.print(renderStop(stop, io));
  return 1;
}
