import { sealConfig } from '../../capture/commit/context.ts';
import { placeOf, worktreeKey } from '../../capture/place.ts';
import { activeTxn } from '../../capture/transaction/transaction.ts';
import { AgentLogError } from '../../core/errors.ts';
import { COMMIT_CONFIG } from '../../git/objects/make-commit.ts';
import { type GitConfig, readConfig } from '../../git/repository/config.ts';
import type { Repository } from '../../git/repository/repository.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { ApplyOptions } from '../../revert/apply/apply.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { textFlag } from './plan-settings.ts';

/** Settings that decide who makes a commit, and how. */
export async function commitConfig(repo: Repository): Promise<GitConfig> {
  const keys = COMMIT_CONFIG.map((key) => key.replaceAll('.', '\\.'));
  return new Map([...(await sealConfig(repo)), ...(await readConfig(repo, ['commit', ...keys]))]);
}

/** Who reverts, why, and with what settings. */
export async function applierOf(io: Io, { repo }: Ledger, flags: Flags): Promise<ApplyOptions> {
  return {
    reason: textFlag(flags, 'reason'),
    env: io.env,
    config: await commitConfig(repo),
    now: io.now,
    branch: textFlag(flags, 'branch'),
    // An agent's revert belongs to its own transaction, also where a hook can't see in which worktree it is made.
    txn: io.env['AGENT_LOG_TXN'] || (await activeTxn(placeOf(repo), worktreeKey(repo))),
  };
}

/** Throws BAD_ARGUMENT for two flags that say different things. */
export function refuseTogether(flags: Flags, pairs: readonly (readonly [string, string])[]): void {
  const isGiven = (name: string): boolean =>
    name === 'no-commit' ? flags['commit'] === false : flags[name] !== undefined && flags[name] !== false;
  const clash = pairs.find((pair) => pair.every(isGiven));
  if (clash === undefined) return;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', `--${clash[0]} and --${clash[1]} exclude each other`, {
    hints: ['Leave one of them out.'],
  });
}

/** What is under way is known without its name. Throws BAD_ARGUMENT. */
export function refuseNames(args: readonly string[], flag: string): void {
  if (args.length === 0) return;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', `${flag} takes no transaction`, {
    hints: [`It goes by what is under way here: git agent-revert ${flag}.`],
  });
}
