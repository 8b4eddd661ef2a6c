import { resolve } from 'node:path';
import { applyAdoption } from '../../capture/adopt/apply.ts';
import type { Grouping } from '../../capture/adopt/groups.ts';
import { type AdoptRequest, planAdoption } from '../../capture/adopt/plan.ts';
import { readTxnMap } from '../../capture/adopt/txn-map.ts';
import { sealConfig } from '../../capture/commit/context.ts';
import { AgentLogError } from '../../core/errors.ts';
import { checkRange } from '../../git/history/named-range.ts';
import { committerLine } from '../../identity/committer.ts';
import { sponsorNamed } from '../../identity/sponsor.ts';
import { withLedger } from '../shared/open.ts';
import { readTask, textFlag } from '../shared/open-flags.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { progressOf } from '../terminal/progress.ts';
import { adoptDocument, renderAdopt } from '../views/adopt.ts';

export async function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  const request = await readRequest(io, args, flags);
  const sponsor = textFlag(flags, 'sponsor');
  const task = textFlag(flags, 'task');
  const words = {
    task: task === undefined ? undefined : await readTask(io, task),
    taskRef: textFlag(flags, 'taskRef'),
    sponsor: sponsor === undefined ? null : sponsorNamed(sponsor),
  };
  const dryRun = flags['dryRun'] === true;
  return withLedger(io, async (ledger) => {
    for (const range of request.ranges) await checkRange(ledger.repo, range);
    const progress = progressOf(io);
    const plan = await planAdoption(ledger, request, (seen) =>
      progress.say(`looking at history: ${seen} commits`),
    );
    progress.end();
    if (!dryRun && plan.txns.length > 0) {
      const identity = committerLine(io.env, await sealConfig(ledger.repo), io.now);
      await applyAdoption(ledger, plan, words, { identity, now: io.now });
    }
    if (flags['json'] === true) io.print(`${JSON.stringify(adoptDocument(plan, dryRun))}\n`);
    else await io.page(renderAdopt(plan, dryRun, io.paint, io.columns));
    return 0;
  });
}

async function readRequest(io: Io, args: readonly string[], flags: Flags): Promise<AdoptRequest> {
  const file = textFlag(flags, 'txnMap');
  const all = flags['all'] === true;
  if (file !== undefined && (args.length > 0 || all || flags['by'] !== undefined))
    throw usage('--txn-map names the commits and groups them itself', 'Leave out ranges, --all and --by.');
  if (file === undefined && args.length === 0 && !all)
    throw usage('adopt needs a range or commits', 'For the whole history of HEAD, say --all.');
  return {
    ranges: [...args.filter(isRange), ...(all ? ['HEAD'] : [])],
    commits: args.filter((arg) => !isRange(arg)),
    map: file === undefined ? null : await readTxnMap(resolve(io.cwd, file)),
    by: groupingOf(textFlag(flags, 'by')),
    agent: textFlag(flags, 'agent'),
    model: textFlag(flags, 'model'),
  };
}

/** Two dots make a range; anything else names one commit. */
function isRange(arg: string): boolean {
  return arg.includes('..');
}

const GROUPINGS: readonly Grouping[] = ['session', 'branch', 'commit'];

function groupingOf(text: string | undefined): Grouping {
  const found = GROUPINGS.find((grouping) => grouping === (text ?? 'session'));
  if (found === undefined)
    throw usage(`--by is none of ${GROUPINGS.join(', ')}: ${text ?? ''}`, '--by session');
  return found;
}

function usage(what: string, hint: string): AgentLogError {
  return new AgentLogError('BAD_ARGUMENT', 'usage', what, { hints: [hint] });
}
