import { sealConfig } from '../../capture/commit/seal.ts';
import { AgentLogError } from '../../core/errors.ts';
import { escapeTerminal } from '../../core/escape.ts';
import { readConfig } from '../../git/config.ts';
import { COMMIT_CONFIG } from '../../git/make-commit.ts';
import { openScratch, type Scratch } from '../../git/scratch.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { applyRevert } from '../../revert/apply/apply.ts';
import { type PlanOptions, planRevert, type RevertPlan } from '../../revert/plan.ts';
import { verifyTree } from '../../revert/verify.ts';
import type { Io } from '../io.ts';
import { withLedger } from '../open.ts';
import type { Flags } from '../table.ts';
import { renderApplied, renderPlan } from '../views/plan.ts';

const VERIFY_LIMIT_MS = 10 * 60 * 1000;

export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  if (args.length === 0)
    throw new AgentLogError('BAD_ARGUMENT', 'usage', 'agent-revert needs a transaction', {
      hints: ['Name it by its id, by 8 or more of its first characters, or by a commit that belongs to it.'],
    });
  if (flags['onto'] !== undefined && flags['plan'] !== true)
    throw new AgentLogError('BAD_ARGUMENT', 'usage', '--onto only plans', {
      hints: ['Check that branch out to revert on it, or add --plan.'],
    });
  return withLedger(io, async (ledger) => {
    const scratch = await openScratch(ledger.repo);
    try {
      return await planAndApply(io, ledger, scratch, args, flags);
    } finally {
      await scratch.close();
    }
  });
}

async function planAndApply(
  io: Io,
  ledger: Ledger,
  scratch: Scratch,
  names: readonly string[],
  flags: Flags,
): Promise<number> {
  const plan = await planRevert(ledger, scratch, names, await planOptions(io, ledger, scratch, flags));
  const json = flags['json'] === true;
  if (flags['plan'] === true || plan.resultTree === null) {
    if (json) io.print(`${JSON.stringify(plan)}\n`);
    else await io.page(renderPlan(plan, io));
    return exitCodeOf(plan);
  }
  const config = new Map([
    ...(await sealConfig(ledger.repo)),
    ...(await readConfig(ledger.repo, ['commit', ...COMMIT_CONFIG.map((key) => key.replaceAll('.', '\\.'))])),
  ]);
  const applied = await applyRevert(ledger, scratch, plan, {
    reason: textFlag(flags, 'reason'),
    env: io.env,
    config,
    now: io.now,
    noCommit: flags['commit'] === false,
  });
  if (json) io.print(`${JSON.stringify({ ...plan, commit: applied.commit })}\n`);
  else {
    await io.page(renderPlan(plan, io));
    io.print(renderApplied(applied.commit, io.paint));
  }
  return 0;
}

async function planOptions(io: Io, ledger: Ledger, scratch: Scratch, flags: Flags): Promise<PlanOptions> {
  const command = textFlag(flags, 'verify') ?? (await configuredVerify(ledger));
  const onto = textFlag(flags, 'onto');
  const verify = (tree: string): Promise<boolean> =>
    verifyTree(scratch, tree, {
      command: command ?? '',
      limit: VERIFY_LIMIT_MS,
      hear: (text) => io.say(escapeTerminal(text, true)),
    });
  return {
    withDependants: flags['withDependants'] === true,
    relaxed: flags['relaxed'] === true,
    hunks: flags['hunks'] === true,
    acceptShared: flags['acceptShared'] === true,
    ...(onto === null ? {} : { onto }),
    ...(command === null ? {} : { verify }),
  };
}

/** Only from configuration of this clone or its user: the tree may not say what is run. */
async function configuredVerify({ repo }: Ledger): Promise<string | null> {
  const config = await readConfig(repo, ['agentlog']);
  return config.get('agentlog.revertverify') ?? null;
}

function textFlag(flags: Flags, name: string): string | null {
  const value = flags[name];
  return typeof value === 'string' ? value : null;
}

function exitCodeOf({ verdict }: RevertPlan): number {
  if (verdict === 'refused') return 3;
  return verdict === 'needs-decision' || verdict === 'not-landed' ? 1 : 0;
}
