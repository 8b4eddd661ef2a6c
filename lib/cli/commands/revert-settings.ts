import { sealConfig } from '../../capture/commit/seal.ts';
import { escapeTerminal } from '../../core/escape.ts';
import { type GitConfig, readConfig } from '../../git/config.ts';
import { COMMIT_CONFIG } from '../../git/make-commit.ts';
import type { Repository } from '../../git/repository.ts';
import type { Scratch } from '../../git/scratch.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Formatter } from '../../revert/kinds/format-trees.ts';
import { verifierFor } from '../../revert/verify.ts';
import type { PlanFlags } from '../../revert/ways/way.ts';
import type { Io } from '../io.ts';
import type { Flags } from '../table.ts';

const COMMAND_LIMIT_MS = 10 * 60 * 1000;

/** Settings that decide who makes a commit, and how. */
export async function commitConfig(repo: Repository): Promise<GitConfig> {
  const keys = COMMIT_CONFIG.map((key) => key.replaceAll('.', '\\.'));
  return new Map([...(await sealConfig(repo)), ...(await readConfig(repo, ['commit', ...keys]))]);
}

/** The decisions that flags and the user's own settings take beforehand. */
export async function planFlags(io: Io, ledger: Ledger, scratch: Scratch, flags: Flags): Promise<PlanFlags> {
  // Only from configuration of this clone or its user: the tree may not say what is run.
  const config = await readConfig(ledger.repo, ['agentlog']);
  const running = { limit: COMMAND_LIMIT_MS, hear: (text: string) => io.say(escapeTerminal(text, true)) };
  return {
    withDependants: flags['withDependants'] === true,
    relaxed: flags['relaxed'] === true,
    hunks: flags['hunks'] === true,
    cleanPaths: flags['cleanPaths'] === true,
    acceptShared: flags['acceptShared'] === true,
    ...verifying(scratch, textFlag(flags, 'verify') ?? config.get('agentlog.revertverify'), running),
    ...formatting(config.get('agentlog.revertformat'), running),
  };
}

type Running = Omit<Formatter, 'command'>;

function verifying(
  scratch: Scratch,
  command: string | undefined,
  running: Running,
): Pick<PlanFlags, 'verify' | 'complaints'> {
  if (command === undefined) return {};
  const verifier = verifierFor(scratch, { command, ...running });
  return { verify: verifier.passes, complaints: verifier.said };
}

function formatting(command: string | undefined, running: Running): Pick<PlanFlags, 'formatter'> {
  return command === undefined ? {} : { formatter: { command, ...running } };
}

/** A flag that has a text; null where it was not given. */
export function textFlag(flags: Flags, name: string): string | null {
  const value = flags[name];
  return typeof value === 'string' ? value : null;
}
