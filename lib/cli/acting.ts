import { AgentLogError } from '../core/errors.ts';
import type { Person } from '../core/person.ts';
import { type GitConfig, readConfig } from '../git/config.ts';
import { agentLogDir } from '../git/repository.ts';
import { committer, committerLine } from '../identity/committer.ts';
import { signingKey, signRecord } from '../identity/signatures/ssh-signature.ts';
import type { Actor } from '../ledger/exceptions.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Io } from './io.ts';
import type { Flags } from './table.ts';

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

/** Signs with the user's own key; null where none is set, or it is not wanted. */
export function signerOf(
  io: Io,
  ledger: Ledger,
  config: GitConfig,
  flags: Flags,
): NonNullable<Actor['sign']> | null {
  const key = flags['sign'] === false ? null : signingKey(config, io.env);
  const folder = agentLogDir(ledger.repo);
  return key === null ? null : (digest) => signRecord(digest, key, folder, io.now);
}
