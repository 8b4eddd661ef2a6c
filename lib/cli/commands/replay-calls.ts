import { AgentLogError } from '../../core/errors.ts';
import { readConfig } from '../../git/config.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { type CallsOptions, replayCallsOf } from '../../replay/calls/work.ts';
import { findContainment } from '../../replay/containment/containment.ts';
import { DEFAULT_LIMITS } from '../../replay/containment/limits.ts';
import type { Outcome } from '../../replay/outcome.ts';
import type { Io } from '../io.ts';
import { textFlag } from '../open-flags.ts';
import type { Progress } from '../progress.ts';
import { textsOf } from '../record-texts.ts';
import type { Flags } from '../table.ts';

/** How calls are done again: what flags and the user's own settings say, never the tree. */
export async function callsOptions(io: Io, ledger: Ledger, flags: Flags): Promise<CallsOptions> {
  const config = await readConfig(ledger.repo, ['agentlog']);
  const milliseconds = secondsOf(textFlag(flags, 'seconds')) * 1000;
  return {
    containment: await findContainment(),
    limits: { ...DEFAULT_LIMITS, milliseconds },
    reads: (config.get('agentlog.replayreads') ?? '').split(':').filter((path) => path.startsWith('/')),
    readTexts: (record) => textsOf(ledger, [record], callDigests, io.env),
  };
}

/** One commit after the other: calls that run beside each other would take each other's time. */
export async function replayAll(
  ledger: Ledger,
  verified: readonly Outcome[],
  options: CallsOptions,
  progress: Progress,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [at, outcome] of verified.entries()) {
    const say = (done: number, of: number): void =>
      progress.say(() => `commit ${at + 1} of ${verified.length}: ${done} of ${of} calls`);
    outcomes.push(await replayCallsOf(ledger, outcome, { ...options, progress: say }));
  }
  return outcomes;
}

function callDigests({ toolCalls }: Parameters<CallsOptions['readTexts']>[0]): ReadonlySet<string> {
  return new Set(toolCalls.flatMap(({ args, result }) => [args?.digest ?? [], result?.digest ?? []].flat()));
}

const DEFAULT_SECONDS = DEFAULT_LIMITS.milliseconds / 1000;
const MOST_SECONDS = 86_400;

function secondsOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_SECONDS;
  const seconds = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= MOST_SECONDS) return seconds;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', `--seconds ${text} is no number of seconds`, {
    hints: [`Give a whole number from 1 to ${MOST_SECONDS}; without it a call has ${DEFAULT_SECONDS}.`],
  });
}
