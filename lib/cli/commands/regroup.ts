import { sealConfig } from '../../capture/commit/context.ts';
import { applyRegroup, planJoin, planSplit, type RegroupPlan } from '../../capture/regroup.ts';
import { AgentLogError } from '../../core/errors.ts';
import { committer, committerLine } from '../../identity/committer.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { withLedger } from '../shared/open.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { regroupDocument, regroupWarning, renderRegroup } from '../views/regroup.ts';

export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  const planned = plannerOf(io, args, flags);
  const dryRun = flags['dryRun'] === true;
  return withLedger(io, async (ledger) => {
    const plan = await planned(ledger);
    const record = dryRun ? null : await apply(io, ledger, plan);
    if (flags['json'] === true) io.print(`${JSON.stringify(regroupDocument(plan, record))}\n`);
    else await io.page(renderRegroup(plan, dryRun, io.paint));
    io.say(regroupWarning(plan));
    return 0;
  });
}

function plannerOf(io: Io, args: readonly string[], flags: Flags): (ledger: Ledger) => Promise<RegroupPlan> {
  const join = flags['join'] === true;
  if (join === (flags['split'] === true)) throw usage('regroup needs either --join or --split');
  const [first = '', ...rest] = args;
  if (rest.length === 0)
    throw usage(join ? '--join needs two transactions or more' : '--split needs a transaction and commits');
  return (ledger) => (join ? planJoin(ledger, args) : planSplit(ledger, first, rest, io.now));
}

async function apply(io: Io, ledger: Ledger, plan: RegroupPlan): Promise<string | null> {
  const config = await sealConfig(ledger.repo);
  return applyRegroup(ledger, plan, {
    identity: committerLine(io.env, config, io.now),
    by: committer(io.env, config),
    now: io.now,
  });
}

function usage(what: string): AgentLogError {
  return new AgentLogError('BAD_ARGUMENT', 'usage', what, {
    hints: ['git agent-log regroup --join <txn> <txn>…', 'git agent-log regroup --split <txn> <commit>…'],
  });
}
