import type { Repository } from '../../git/repository/repository.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { knownRecipients } from '../../ledger/payloads/known-recipients.ts';
import { identityMadeFor, type MadeIdentity, makeIdentity, readIdentities } from './identities.ts';
import { hasAudience } from './key-store.ts';
import { type PayloadSettings, readPayloadSettings } from './settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Who a repository's texts are sealed for, as `init` leaves it. */
export interface Team {
  /**
   * `kept`: configuration says it already. `made`: a key pair was made. `found`: this user has a private key to what is
   * stored here. `others`: something is stored for keys this user has none of, and nothing was set. `none`: no text leaves
   * the clone, as configuration wants it.
   */
  readonly how: 'kept' | 'made' | 'found' | 'others' | 'none';
  readonly recipients: readonly string[];
  /** Where the private key is, where it was made or found. */
  readonly path: string | null;
}

/** Sees to it that there is somebody to seal for. Sets nothing: that is the caller's, so that it can be taken back. */
export async function findTeam(ledger: Ledger, env: Environment, now: number): Promise<Team> {
  const { repo } = ledger;
  const settings = await readPayloadSettings(repo);
  if (settings.level === 'digests') return { how: 'none', recipients: [], path: null };
  if (hasAudience(settings)) return { how: 'kept', recipients: settings.recipients, path: null };
  const identities = await readIdentities(env, settings.identities, true);
  const known = await knownRecipients(ledger);
  const own = identities.find(({ recipient }) => recipient !== null && known.includes(recipient));
  if (own?.recipient != null) return { how: 'found', recipients: [own.recipient], path: own.path };
  if (known.length > 0) return { how: 'others', recipients: known, path: null };
  const { recipient, path } = identityMadeFor(nameOf(repo), identities) ?? (await made(repo, env, now));
  return { how: 'made', recipients: [recipient], path };
}

/** Recipients something is stored for that configuration here does not name. */
export async function strangers(ledger: Ledger, { recipients }: PayloadSettings): Promise<string[]> {
  const own = recipients.map((text) => text.trim().split(/\s+/).slice(0, 2).join(' '));
  return (await knownRecipients(ledger)).filter((text) => !own.includes(text));
}

function made(repo: Repository, env: Environment, now: number): Promise<MadeIdentity> {
  return makeIdentity(env, nameOf(repo), now);
}

function nameOf({ commonDir }: Repository): string {
  return commonDir;
}
