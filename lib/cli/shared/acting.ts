import { AgentLogError, messageOf } from '../../core/errors.ts';
import { escapeTerminal } from '../../core/escape.ts';
import type { Person } from '../../core/person.ts';
import type { Finding } from '../../core/records/exception.ts';
import { type GitConfig, readConfig } from '../../git/repository/config.ts';
import { agentLogDir } from '../../git/repository/repository.ts';
import { committer, committerLine } from '../../identity/committer.ts';
import { signerWith } from '../../identity/signatures/signer.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Actor } from '../../ledger/told/exceptions.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { count } from '../views/text.ts';

/** In whose name, and with whose key, something is added to the ledger. Throws BAD_ARGUMENT where git knows no name. */
export async function actorOf(io: Io, ledger: Ledger, flags: Flags): Promise<Actor & { by: Person }> {
  const { env, now } = io;
  const config = await readConfig(ledger.repo, ['user', 'committer', 'gpg']);
  const by = committer(env, config);
  if (by === null)
    throw new AgentLogError('BAD_ARGUMENT', 'usage', 'git knows no name of yours, and this needs one', {
      hints: ['git config user.name "…" and git config user.email "…"; nothing was written.'],
    });
  return { by, identity: committerLine(env, config, now), now, sign: signerOf(io, ledger, config, flags) };
}

/** The same for what a program finds or hears: it needs no name. */
export async function finderOf(io: Io, ledger: Ledger, flags: Flags): Promise<Actor> {
  const { env, now } = io;
  const config = await readConfig(ledger.repo, ['user', 'committer', 'gpg']);
  const sign = signerOf(io, ledger, config, flags);
  return { by: committer(env, config), identity: committerLine(env, config, now), now, sign };
}

/** Puts what a command found into the queue, and says so. It did its work by then: what goes wrong here is a warning. */
export async function openOrSay(
  io: Io,
  ledger: Ledger,
  findings: readonly Finding[],
  flags: Flags,
): Promise<void> {
  if (findings.length === 0) return;
  try {
    const [{ openExceptions }, { judgingIfKnown }] = await Promise.all([
      import('../../ledger/told/exceptions.ts'),
      import('./judging.ts'),
    ]);
    const actor = { ...(await judgingIfKnown(io, ledger)), ...(await finderOf(io, ledger, flags)) };
    const { opened, reopened } = await openExceptions(ledger, findings, actor);
    if (opened.length + reopened.length === 0) return;
    const again = reopened.length === 0 ? '' : `, ${reopened.length} opened again`;
    io.say(`${count(opened.length, 'exception')} opened${again}: git agent-log exception list\n`);
  } catch (error) {
    io.say(`warning: exceptions could not be opened: ${escapeTerminal(messageOf(error))}\n`);
  }
}

/** Signs with the user's own key; null where none is set, or it is not wanted. */
export function signerOf(
  io: Io,
  ledger: Ledger,
  config: GitConfig,
  flags: Flags,
): NonNullable<Actor['sign']> | null {
  if (flags['sign'] === false) return null;
  return signerWith(config, io.env, { folder: agentLogDir(ledger.repo), now: io.now });
}
