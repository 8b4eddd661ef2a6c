import { AgentLogError } from '../../core/errors.ts';
import { escapeTerminal } from '../../core/escape.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { type GitConfig, readConfig } from '../../git/repository/config.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Formatter } from '../../revert/kinds/format-trees.ts';
import { regenerateRules } from '../../revert/kinds/regenerate-rules.ts';
import { type Verifier, verifierFor } from '../../revert/running/verify.ts';
import type { PlanFlags } from '../../revert/ways/way.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';

const COMMAND_LIMIT_MS = 10 * 60 * 1000;

/** The decisions that flags and the user's own settings take beforehand. */
export async function planFlags(io: Io, ledger: Ledger, scratch: Scratch, flags: Flags): Promise<PlanFlags> {
  // Only from configuration of this clone or its user: the tree may not say what is run.
  const config = await readConfig(ledger.repo, ['agentlog']);
  const running = { limit: COMMAND_LIMIT_MS, hear: hearing(io) };
  return {
    withDependants: flags['withDependants'] === true,
    ...mostDependants(flags),
    relaxed: flags['relaxed'] === true,
    hunks: flags['hunks'] === true,
    regenerate: flags['regenerate'] === true,
    cleanPaths: flags['cleanPaths'] === true,
    acceptShared: flags['acceptShared'] === true,
    acceptPivots: flags['acceptPivots'] === true,
    readTexts: async (records) =>
      (await import('../shared/record-texts.ts')).textsOf(
        ledger,
        records,
        ({ toolCalls }) => new Set(toolCalls.flatMap(({ args }) => args?.digest ?? [])),
        io.env,
      ),
    ...verifying(verifierFrom(io, scratch, flags, config)),
    budget: budgetOf(textFlag(flags, 'budget') ?? config.get('agentlog.revertbudget') ?? DEFAULT_BUDGET),
    ...regenerating(config, running),
    ...formatting(config.get('agentlog.revertformat'), running),
  };
}

/** The verify command; null where there is none. */
export async function verifierOf(
  io: Io,
  ledger: Ledger,
  scratch: Scratch,
  flags: Flags,
): Promise<Verifier | null> {
  return verifierFrom(io, scratch, flags, await readConfig(ledger.repo, ['agentlog']));
}

function verifierFrom(io: Io, scratch: Scratch, flags: Flags, config: GitConfig): Verifier | null {
  const command = textFlag(flags, 'verify') ?? config.get('agentlog.revertverify') ?? '';
  return command === ''
    ? null
    : verifierFor(scratch, { command, limit: COMMAND_LIMIT_MS, hear: hearing(io) });
}

/** What a command of the user's prints, in place of the progress. */
function hearing(io: Io): (text: string) => void {
  return (text) => {
    io.progress(null);
    io.say(escapeTerminal(text, true));
  };
}

/** Throws BAD_ARGUMENT for what is no number. */
function mostDependants(flags: Flags): Pick<PlanFlags, 'mostDependants'> {
  const given = textFlag(flags, 'mostDependants');
  if (given === null) return {};
  if (/^\d{1,4}$/.test(given)) return { mostDependants: Number(given) };
  throw new AgentLogError('BAD_ARGUMENT', 'usage', `--most-dependants takes a number, not '${given}'`, {
    hints: ['As in --most-dependants 5.'],
  });
}

const DEFAULT_BUDGET = '60';

/** Milliseconds; 0 seconds are no limit. Throws BAD_ARGUMENT. */
function budgetOf(seconds: string): number {
  if (!/^\d{1,6}(\.\d{1,3})?$/.test(seconds))
    throw new AgentLogError('BAD_ARGUMENT', 'usage', `'${seconds}' is no number of seconds`, {
      hints: ['--budget and agentLog.revertBudget take seconds: 60, or 0 for as long as it takes.'],
    });
  return Number(seconds) === 0 ? Number.POSITIVE_INFINITY : Number(seconds) * 1000;
}

type Running = Omit<Formatter, 'command'>;

function verifying(verifier: Verifier | null): Pick<PlanFlags, 'verify' | 'complaints'> {
  return verifier === null ? {} : { verify: verifier.passes, complaints: verifier.said };
}

function regenerating(config: GitConfig, running: Running): Pick<PlanFlags, 'regenerator'> {
  const rules = regenerateRules(config);
  return rules.length === 0 ? {} : { regenerator: { rules, ...running } };
}

function formatting(command: string | undefined, running: Running): Pick<PlanFlags, 'formatter'> {
  return command === undefined ? {} : { formatter: { command, ...running } };
}

/** A flag that has a text; null where it was not given. */
export function textFlag(flags: Flags, name: string): string | null {
  const value = flags[name];
  return typeof value === 'string' ? value : null;
}
