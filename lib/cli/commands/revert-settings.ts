import { sealConfig } from '../../capture/commit/seal.ts';
import { escapeTerminal } from '../../core/escape.ts';
import { type GitConfig, readConfig } from '../../git/config.ts';
import { COMMIT_CONFIG } from '../../git/make-commit.ts';
import type { Repository } from '../../git/repository.ts';
import type { Scratch } from '../../git/scratch.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { verifyTree } from '../../revert/verify.ts';
import type { PlanFlags } from '../../revert/ways/way.ts';
import type { Io } from '../io.ts';
import type { Flags } from '../table.ts';

const VERIFY_LIMIT_MS = 10 * 60 * 1000;

/** Settings that decide who makes a commit, and how. */
export async function commitConfig(repo: Repository): Promise<GitConfig> {
  const keys = COMMIT_CONFIG.map((key) => key.replaceAll('.', '\\.'));
  return new Map([...(await sealConfig(repo)), ...(await readConfig(repo, ['commit', ...keys]))]);
}

/** The decisions that flags and the user's own settings take beforehand. */
export async function planFlags(io: Io, ledger: Ledger, scratch: Scratch, flags: Flags): Promise<PlanFlags> {
  const command = textFlag(flags, 'verify') ?? (await configuredVerify(ledger));
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
    ...(command === null ? {} : { verify }),
  };
}

/** A flag that has a text; null where it was not given. */
export function textFlag(flags: Flags, name: string): string | null {
  const value = flags[name];
  return typeof value === 'string' ? value : null;
}

/** Only from configuration of this clone or its user: the tree may not say what is run. */
async function configuredVerify({ repo }: Ledger): Promise<string | null> {
  const config = await readConfig(repo, ['agentlog']);
  return config.get('agentlog.revertverify') ?? null;
}
