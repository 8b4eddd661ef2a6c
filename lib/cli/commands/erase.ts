import { rawPayloadsLeft } from '../../capture/payloads/wipe.ts';
import { AgentLogError } from '../../core/errors.ts';
import { erase } from '../../oversight/retention/erase.ts';
import { planErasure, storedTxnsOf } from '../../oversight/retention/plan-erasure.ts';
import { eraseOptions, pushErasure } from '../shared/erasing.ts';
import { withLedger } from '../shared/open.ts';
import { textFlag } from '../shared/open-flags.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { erasedDocument, eraseHints, renderErased } from '../views/erase.ts';

export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  if (args.length === 0) throw nothingNamed();
  const reason = reasonOf(flags);
  return withLedger(io, async (ledger) => {
    const txns = await storedTxnsOf(ledger, args);
    const plan = await planErasure(
      ledger,
      txns.map((txn) => ({ txn })),
    );
    const tombstones = await erase(ledger, plan, await eraseOptions(io, ledger, reason, flags));
    const pushed = flags['push'] === true ? await pushErasure(io, ledger) : null;
    const document = erasedDocument(plan, tombstones, {
      reason,
      pushed,
      rawLeft: await rawPayloadsLeft(ledger),
    });
    if (flags['json'] === true) io.print(`${JSON.stringify(document)}\n`);
    else io.print(renderErased(document, io.paint));
    io.say(eraseHints(document));
    return 0;
  });
}

function nothingNamed(): AgentLogError {
  return new AgentLogError('BAD_ARGUMENT', 'usage', 'erase what?', {
    hints: ['Name transactions, or commits that belong to them: `git agent-log list` tells both.'],
  });
}

function reasonOf(flags: Flags): string {
  const reason = textFlag(flags, 'reason')?.trim() ?? '';
  if (reason !== '' && reason.length <= 2000) return reason;
  throw new AgentLogError(
    'BAD_ARGUMENT',
    'usage',
    reason === '' ? 'an erasure needs a reason' : 'the reason is too long',
    { hints: ['--reason "why", in a sentence. It stays in the ledger: name no person and quote nothing.'] },
  );
}
