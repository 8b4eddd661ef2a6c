import { AgentLogError } from '../../core/errors.ts';
import type { ExecutionRecord } from '../../core/records/record.ts';
import { removeLeftFolders } from '../../git/process/own-folder.ts';
import { type GitConfig, readConfig } from '../../git/repository/config.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { type Texts, textDigests } from '../../ledger/reading/shown-texts.ts';
import { replayCallsOf } from '../../replay/calls/work.ts';
import { type Containment, findContainment, userOfCells } from '../../replay/containment/containment.ts';
import { DEFAULT_LIMITS, type Limits } from '../../replay/containment/limits.ts';
import type { Outcome } from '../../replay/outcome.ts';
import type { ReplayMode } from '../../replay/replay.ts';
import { rerunWork } from '../../replay/rerun/work.ts';
import { textFlag } from '../shared/open-flags.ts';
import { textsOf } from '../shared/record-texts.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import type { Progress } from '../terminal/progress.ts';
import { reportError } from '../terminal/report.ts';

/** How one verified outcome is tried again. */
export interface Again {
  readonly containment: Containment | null;
  readonly replay: (outcome: Outcome, say: (done: string) => void) => Promise<Outcome>;
}

interface Trying {
  readonly containment: Containment | null;
  readonly limits: Limits;
  readonly reads: readonly string[];
}

/** What a mode does with what was verified; null where that is all. Programs come from flags and the user's own settings, never from the tree. */
export async function againFor(
  io: Io,
  ledger: Ledger,
  mode: ReplayMode,
  flags: Flags,
): Promise<Again | null> {
  if (mode === 'verify') return null;
  await removeLeftFolders([process.getuid?.(), userOfCells()]);
  const config = await readConfig(ledger.repo, ['agentlog']);
  const milliseconds = secondsOf(textFlag(flags, 'seconds'), mode) * 1000;
  const totalMilliseconds = Math.max(milliseconds, DEFAULT_LIMITS.totalMilliseconds);
  const trying: Trying = {
    containment: await findContainment(),
    limits: { ...DEFAULT_LIMITS, milliseconds, totalMilliseconds },
    reads: (config.get('agentlog.replayreads') ?? '').split(':').filter((path) => path.startsWith('/')),
  };
  return mode === 'calls' ? callsAgain(io, ledger, trying) : agentAgain(io, ledger, trying, config, flags);
}

function callsAgain(io: Io, ledger: Ledger, trying: Trying): Again {
  const readTexts = (record: ExecutionRecord): Promise<Texts> =>
    textsOf(ledger, [record], callDigests, io.env);
  return {
    containment: trying.containment,
    replay: (outcome, say) => {
      const progress = (done: number, of: number): void => say(`${done} of ${of} calls`);
      return replayCallsOf(ledger, outcome, { ...trying, readTexts, progress });
    },
  };
}

function agentAgain(io: Io, ledger: Ledger, trying: Trying, config: GitConfig, flags: Flags): Again {
  const runner = textFlag(flags, 'runner') ?? config.get('agentlog.runner') ?? '';
  if (runner === '')
    throw new AgentLogError('BAD_ARGUMENT', 'usage', 'nothing says how the agent is started', {
      hints: [
        'Give --runner, or set agentLog.runner in your own configuration: a line for a shell that reads the prompts, such as `claude -p --model "$AGENT_LOG_MODEL"`.',
      ],
    });
  const check = textFlag(flags, 'check') ?? config.get('agentlog.replaycheck') ?? null;
  const readTexts = (record: ExecutionRecord): Promise<Texts> =>
    textsOf(ledger, [record], textDigests, io.env);
  return {
    containment: trying.containment,
    replay: (outcome, say) => {
      say('the agent is at work');
      return rerunWork(ledger, outcome, { ...trying, runner, check, env: io.env, readTexts });
    },
  };
}

/**
 * One commit after the other: what runs beside each other would take each other's time. An error in one does not end the
 * others: it is told, and nothing was shown of that one.
 */
export async function replayAll(
  io: Pick<Io, 'say'>,
  verified: readonly Outcome[],
  { replay }: Pick<Again, 'replay'>,
  progress: Pick<Progress, 'say'>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [at, outcome] of verified.entries()) {
    const say = (done: string): void => progress.say(`commit ${at + 1} of ${verified.length}: ${done}`);
    try {
      outcomes.push(await replay(outcome, say));
    } catch (error) {
      if (verified.length === 1) throw error;
      io.say(reportError(error, false).text);
      outcomes.push({ ...outcome, verdict: 'inconclusive', problems: [...outcome.problems, 'try-broke'] });
    }
  }
  return outcomes;
}

function callDigests({ toolCalls }: ExecutionRecord): ReadonlySet<string> {
  return new Set(toolCalls.flatMap(({ args, result }) => [args?.digest ?? [], result?.digest ?? []].flat()));
}

/** For one call, and for all that an agent does. */
const DEFAULT_SECONDS: Readonly<Record<ReplayMode, number>> = { verify: 0, calls: 120, rerun: 1800 };
const MOST_SECONDS = 86_400;

function secondsOf(text: string | undefined, mode: ReplayMode): number {
  if (text === undefined) return DEFAULT_SECONDS[mode];
  const seconds = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= MOST_SECONDS) return seconds;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', `--seconds ${text} is no number of seconds`, {
    hints: [`Give a whole number from 1 to ${MOST_SECONDS}; without it there are ${DEFAULT_SECONDS[mode]}.`],
  });
}
