import { shortOid } from '../../core/oid.ts';
import { rememberingReader } from '../../git/objects/remembering.ts';
import { openScratch, type Scratch } from '../../git/objects/scratch.ts';
import { promisorOf } from '../../git/repository/partial-clone.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { remembering } from '../../ledger/reading/remembering.ts';
import { withFormerCommits } from '../../revert/members/former-commits.ts';
import { type PlanOptions, planReland, planRevert, type RevertPlan } from '../../revert/plan.ts';
import { planFlags, textFlag } from '../commands/plan-settings.ts';
import type { Named } from '../commands/revert-paths.ts';
import { tellingProgress } from '../shared/planning.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { renderPlan } from '../views/plan.ts';

/** Does what needs a scratch repository, and takes that away again. */
export async function inScratch<T>(ledger: Ledger, work: (scratch: Scratch) => Promise<T>): Promise<T> {
  // A partial clone would fetch what a scratch repository does without.
  const isPartial = (await promisorOf(ledger.repo)) !== null;
  const scratch = await openScratch(ledger.repo, isPartial ? null : rememberingReader(ledger.reader));
  try {
    return await work(scratch);
  } finally {
    await scratch.close();
  }
}

/** The plan that flags ask for. */
export async function planned(
  io: Io,
  ledger: Ledger,
  scratch: Scratch,
  { txns, paths }: Named,
  flags: Flags,
): Promise<RevertPlan> {
  const planTurn = flags['reland'] === true ? planReland : planRevert;
  const [former, options] = await Promise.all([
    withFormerCommits(remembering(ledger), scratch, txns),
    planOptions(io, ledger, scratch, flags),
  ]);
  const plan = await tellingProgress(io, flags, (onProgress) =>
    planTurn(former.ledger, scratch, txns, { ...options, paths, onProgress }),
  );
  if (plan.verdict === 'needs-decision' && former.missing.length > 0) io.say(hintAtMissing(former.missing));
  return plan;
}

/** Says a plan, and nothing besides. Gives the exit code. */
export async function sayPlan(io: Io, plan: RevertPlan, flags: Flags): Promise<number> {
  if (flags['json'] === true) io.print(`${JSON.stringify(plan)}\n`);
  else await io.page(renderPlan(plan, io));
  return exitCodeOf(plan);
}

/** What a squash was made of is the one thing that tells its parts apart. */
function hintAtMissing(commits: readonly string[]): string {
  const [first = '', ...more] = commits;
  const others = more.length === 0 ? '' : ` and ${more.length} more`;
  return `hint: ${shortOid(first)}${others}, which the agent made, could not be had: fetch the merged branch (refs/pull/<n>/head) and plan again\n`;
}

async function planOptions(io: Io, ledger: Ledger, scratch: Scratch, flags: Flags): Promise<PlanOptions> {
  const onto = textFlag(flags, 'onto');
  return {
    ...(await planFlags(io, ledger, scratch, flags)),
    each: flags['each'] === true,
    byHand: flags['worktree'] === true,
    includeClaimed: flags['includeClaimed'] === true,
    ...(onto === null ? {} : { onto }),
  };
}

function exitCodeOf({ verdict }: RevertPlan): number {
  if (verdict === 'refused') return 3;
  return verdict === 'needs-decision' || verdict === 'not-landed' ? 1 : 0;
}
