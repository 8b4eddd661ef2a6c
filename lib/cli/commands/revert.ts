import { AgentLogError } from '../../core/errors.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { shallowCommits } from '../../git/repository/shallow.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { applyRevert } from '../../revert/apply/apply.ts';
import { recoverFirst } from '../../revert/apply/recover.ts';
import { txnsRevertedBy } from '../../revert/members/reverted-by.ts';
import { revertFindings } from '../../revert/telling/exceptions.ts';
import { emptyAgainst, whereNext } from '../../revert/telling/publish.ts';
import { inScratch, planned, sayPlan } from '../entry/plan-answer.ts';
import { openOrSay } from '../shared/acting.ts';
import { withRemoteHint } from '../shared/hint-remote.ts';
import { txnsOfMr } from '../shared/mr-txns.ts';
import { withLedger } from '../shared/open.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { renderApplied } from '../views/applied.ts';
import { renderPlan } from '../views/plan.ts';
import { textFlag } from './plan-settings.ts';
import { type Named, namedIn, needsTxn } from './revert-paths.ts';
import { applierOf, refuseTogether } from './revert-settings.ts';

const EXCLUDE = [
  ['each', 'no-commit'],
  ['branch', 'no-commit'],
  ['worktree', 'no-commit'],
  ['worktree', 'each'],
  ['worktree', 'onto'],
  ['reland', 'each'],
  ['reland', 'worktree'],
  ['continue', 'abort'],
  ['plan', 'continue'],
  ['plan', 'abort'],
] as const;

export async function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  if (flags['repos'] !== undefined) return (await import('./revert-repos.ts')).runRepos(io, args, flags);
  refuseTogether(flags, EXCLUDE);
  if (flags['push'] === true)
    throw new AgentLogError('BAD_ARGUMENT', 'usage', '--push goes with --repos', {
      hints: ['Revert without it, look at the commit, and push it with git.'],
    });
  if (flags['continue'] === true) return (await import('./revert-continue.ts')).run(io, args, flags);
  if (flags['abort'] === true) return (await import('./revert-abort.ts')).run(io, args, flags);
  const mr = textFlag(flags, 'mr');
  if (args.length === 0 && flags['path'] === undefined && mr === null) throw needsTxn([]);
  if (flags['onto'] !== undefined && flags['plan'] !== true && flags['branch'] === undefined)
    throw new AgentLogError('BAD_ARGUMENT', 'usage', '--onto only plans', {
      hints: ['Check that branch out to revert on it, or add --plan, or --branch NAME to make it aside.'],
    });
  return withLedger(io, (ledger) =>
    withRemoteHint(ledger, async () => {
      const ofMr = mr === null ? [] : await txnsOfMr(ledger, mr);
      return revert(io, ledger, [...args, ...ofMr], flags);
    }),
  );
}

async function revert(io: Io, ledger: Ledger, args: readonly string[], flags: Flags): Promise<number> {
  const asked = await namedIn(ledger, args, flags['path']);
  const named =
    flags['reland'] === true ? { ...asked, txns: await txnsRevertedBy(ledger, asked.txns) } : asked;
  return inScratch(ledger, async (scratch) => {
    if (flags['plan'] !== true) await endFirst(io, ledger, flags);
    return planAndApply(io, ledger, scratch, named, flags);
  });
}

/** What a kill cut off is taken back before anything else. */
async function endFirst(io: Io, ledger: Ledger, flags: Flags): Promise<void> {
  const ended = await recoverFirst(ledger, await applierOf(io, ledger, flags));
  if (ended === null) return;
  const { renderRecovered } = await import('../views/applied.ts');
  io.say(renderRecovered(ended, io.paint));
}

async function planAndApply(
  io: Io,
  ledger: Ledger,
  scratch: Scratch,
  named: Named,
  flags: Flags,
): Promise<number> {
  const plan = await planned(io, ledger, scratch, named, flags);
  const json = flags['json'] === true;
  if (flags['plan'] !== true && plan.runs !== undefined)
    return (await import('./revert-worktree.ts')).setUp(io, ledger, scratch, plan, flags);
  if (flags['plan'] === true || plan.resultTree === null) {
    const code = await sayPlan(io, plan, flags);
    if (flags['plan'] !== true && !(await isShallow(ledger)))
      await openOrSay(io, ledger, revertFindings(plan), flags);
    return code;
  }
  const applier = { ...(await applierOf(io, ledger, flags)), noCommit: flags['commit'] === false };
  const { commit, commits } = await applyRevert(ledger, scratch, plan, applier);
  const branch = applier.branch ?? null;
  const emptyIn = commit === null ? null : await emptyAgainst(ledger.repo, commit);
  if (json) io.print(`${JSON.stringify({ ...plan, commit, commits, madeOn: branch, emptyIn })}\n`);
  else {
    await io.page(renderPlan(plan, io));
    const next = branch === null ? null : await whereNext(ledger.repo, branch);
    io.print(renderApplied({ action: plan.action, commits, next, emptyIn }, io.paint));
  }
  if (commit !== null) await openOrSay(io, ledger, revertFindings(plan), flags);
  return 0;
}

/** What a shallow clone does not know says nothing of the transaction. */
async function isShallow({ repo }: Ledger): Promise<boolean> {
  return (await shallowCommits(repo)).size > 0;
}
