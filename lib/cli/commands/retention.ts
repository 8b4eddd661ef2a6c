import { AgentLogError } from '../../core/errors.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { erase, type Tombstone } from '../../oversight/retention/erase.ts';
import { planErasure } from '../../oversight/retention/plan-erasure.ts';
import { planRetention, type RetentionPlan } from '../../oversight/retention/plan-retention.ts';
import { type RetentionRule, readRetentionRules } from '../../oversight/retention/rules.ts';
import { eraseOptions, pushErasure } from '../shared/erasing.ts';
import { withLedger } from '../shared/open.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { progressOf } from '../terminal/progress.ts';
import { renderRetention, retentionDocument, retentionHints } from '../views/retention.ts';

const REASON = 'the time set for keeping them has passed';

export function run(io: Io, _args: readonly string[], flags: Flags): Promise<number> {
  const isApplied = flags['apply'] === true;
  if (isApplied === (flags['plan'] === true)) throw whichOne();
  return withLedger(io, async (ledger) => {
    const rules = await readRetentionRules(ledger.repo);
    const plan = await planned(io, ledger, rules);
    const tombstones = isApplied ? await applied(io, ledger, plan, flags) : null;
    const pushed = isApplied && flags['push'] === true ? await pushErasure(io, ledger) : null;
    const document = retentionDocument(rules, plan, tombstones, pushed);
    if (flags['json'] === true) io.print(`${JSON.stringify(document)}\n`);
    else await io.page(renderRetention(document, io.paint));
    io.say(retentionHints(document));
    return 0;
  });
}

async function planned(io: Io, ledger: Ledger, rules: readonly RetentionRule[]): Promise<RetentionPlan> {
  const progress = progressOf(io);
  const plan = await planRetention(ledger, rules, {
    now: io.now,
    progress: (done, of) => progress.say(() => `looking through transactions: ${done} of ${of}`),
  });
  progress.end();
  return plan;
}

async function applied(
  io: Io,
  ledger: Ledger,
  { due }: RetentionPlan,
  flags: Flags,
): Promise<readonly Tombstone[]> {
  if (due.length === 0) return [];
  const plan = await planErasure(ledger, due);
  return erase(ledger, plan, await eraseOptions(io, ledger, REASON, flags));
}

function whichOne(): AgentLogError {
  return new AgentLogError('BAD_ARGUMENT', 'usage', 'retention takes either --plan or --apply', {
    hints: ['`git agent-log retention --plan` says what is due, and changes nothing.'],
  });
}
