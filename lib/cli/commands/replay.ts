import { sealConfig } from '../../capture/commit/context.ts';
import { AgentLogError } from '../../core/errors.ts';
import { commitsOfRange } from '../../git/history/named-range.ts';
import { committer, committerLine } from '../../identity/committer.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { replayFindings } from '../../replay/findings.ts';
import { type Outcome, summaryOf } from '../../replay/outcome.ts';
import {
  type Replayer,
  type ReplayMode,
  recordReplays,
  replayEnvironment,
  riskClasses,
  verifyWork,
} from '../../replay/replay.ts';
import { type Work, workNamed } from '../../replay/targets.ts';
import { openOrSay } from '../shared/acting.ts';
import { hintAtRemote } from '../shared/hint-remote.ts';
import { withLedger } from '../shared/open.ts';
import { textFlag } from '../shared/open-flags.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { type Progress, progressOf } from '../terminal/progress.ts';
import { renderReplays, replayedDocument, replayHints } from '../views/replay.ts';
import { againFor, replayAll } from './replay-again.ts';

export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  const mode = modeOf(textFlag(flags, 'mode'));
  const named = textFlag(flags, 'class');
  const classes = named === undefined ? undefined : riskClasses(named);
  return withLedger(io, async (ledger) => {
    const name = args[0] ?? 'HEAD';
    const isRange = name.includes('..');
    const work = isRange
      ? { commits: await commitsOfRange(ledger.repo, name) }
      : await workNamed(ledger, name);
    const again = await againFor(io, ledger, mode, flags);
    const progress = progressOf(io);
    const verified = await verify(
      ledger,
      { ...work, ...(classes === undefined ? {} : { classes }) },
      progress,
    );
    const outcomes = again === null ? verified : await replayAll(io, verified, again, progress);
    progress.end();
    const environment = await replayEnvironment(ledger, again?.containment?.name);
    const dryRun = flags['dryRun'] === true;
    const recorded = dryRun ? 0 : await record(io, ledger, outcomes, { mode, environment });
    if (!dryRun) await openOrSay(io, ledger, replayFindings(outcomes, mode), flags);
    if (outcomes.every(({ record: digest }) => digest === null)) await hintAtRemote(io, ledger);
    const replayed = { mode, outcomes, environment, recorded, dryRun, summary: summaryOf(outcomes) };
    if (flags['json'] === true) io.print(`${JSON.stringify(replayedDocument(replayed))}\n`);
    else await io.page(renderReplays(replayed, io.paint, io.columns));
    io.say(replayHints(outcomes));
    return exitCodeFor(replayed.summary, outcomes, isRange);
  });
}

function modeOf(mode: string | undefined): ReplayMode {
  if (mode === 'verify' || mode === 'calls' || mode === 'rerun') return mode;
  const problem = mode === undefined ? 'a replay needs a mode' : `there is no mode '${mode}'`;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', problem, {
    hints: [
      '--mode verify checks that the recorded base and the recorded change give the recorded tree.',
      '--mode calls does the recorded tool calls again, shut in, and compares what comes of them.',
      '--mode rerun starts the agent again, and judges the outcome by the checks you declare.',
    ],
  });
}

function verify(
  ledger: Ledger,
  { commits, ...options }: Work & Parameters<typeof verifyWork>[2],
  progress: Progress,
): Promise<Outcome[]> {
  return verifyWork(ledger, commits, {
    ...options,
    progress: (done) => progress.say(() => `verifying: ${done} of ${commits.length} commits`),
  });
}

async function record(
  io: Io,
  ledger: Ledger,
  outcomes: readonly Outcome[],
  how: Pick<Replayer, 'mode' | 'environment'>,
): Promise<number> {
  const config = await sealConfig(ledger.repo);
  return recordReplays(ledger, outcomes, {
    ...how,
    by: committer(io.env, config),
    identity: committerLine(io.env, config, io.now),
    now: io.now,
  });
}

/** 3 when a digest or binding does not hold or a clone ends too early to tell; 1 when not all is as recorded. */
function exitCodeFor(
  { divergent, failed, inconclusive, invalid, skipped }: ReturnType<typeof summaryOf>,
  outcomes: readonly Outcome[],
  isRange: boolean,
): number {
  const objects = outcomes
    .flatMap(({ missing }) => missing)
    .some(({ kind }) => kind === 'commit' || kind === 'tree');
  if (invalid > 0 || objects) return 3;
  if (divergent + failed + inconclusive > 0) return 1;
  return !isRange && skipped === outcomes.length ? 1 : 0;
}
