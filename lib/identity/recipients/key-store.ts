import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { AgentLogError } from '../../core/errors.ts';
import type { DataKey, KeyStore, WrappedKey } from '../../ledger/payloads/data-key.ts';
import { parseWrappedKey } from '../../ledger/payloads/wrapped-key.ts';
import { unwrapWithAge, wrapWithAge } from './age.ts';
import { type KnownIdentity, readIdentities } from './identities.ts';
import { commandStore, commandWords } from './key-command.ts';
import { keyFolder } from './key-folder.ts';
import { parseRecipient, shortRecipient } from './recipient.ts';
import type { PayloadSettings } from './settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Who keeps the keys, as configuration says. Throws BAD_ARGUMENT where it says what can't be. */
export function keyStoreOf(settings: PayloadSettings, env: Environment): KeyStore {
  const [kind, rest] = splitKind(settings.keyStore);
  if (kind === 'refs') return ageStore(settings, env, null);
  if (kind === 'folder') return ageStore(settings, env, folderPath(rest, env));
  if (kind === 'command') return commandStore(commandWords(rest), env);
  throw badKeyStore(settings.keyStore);
}

/** True when texts can be sealed: somebody could open them again. */
export function hasAudience({ recipients, keyStore }: PayloadSettings): boolean {
  return recipients.length > 0 || keyStore.startsWith('command:');
}

function ageStore(settings: PayloadSettings, env: Environment, path: string | null): KeyStore {
  const folder = path === null ? null : keyFolder(path);
  const { recipients } = settings;
  return {
    audience: createHash('sha256')
      .update([path ?? '', ...recipients].sort().join('\0'))
      .digest('hex'),
    async keep(key) {
      const bytes = await wrapWithAge(key, recipients.map(parseRecipient));
      if (folder === null) return bytes;
      await folder.write(key.txn, key.id, bytes);
      return null;
    },
    async has({ txn, id }, stored) {
      return folder === null ? stored.some((one) => one.id === id) : (await folder.read(txn, id)) !== null;
    },
    async find(txn, id, stored) {
      const kept = (await folder?.read(txn, id)) ?? null;
      const parsed = kept === null ? null : parseWrappedKey(kept);
      const candidates = [...(parsed === null ? [] : [parsed]), ...stored].filter((one) => one.id === id);
      return unwrapFirst(txn, id, candidates, settings, env);
    },
    destroy: (txn) => folder?.destroy(txn) ?? Promise.resolve(),
  };
}

async function unwrapFirst(
  txn: string,
  id: string,
  candidates: readonly WrappedKey[],
  settings: PayloadSettings,
  env: Environment,
): Promise<DataKey> {
  const recipients = candidates.flatMap((one) => one.recipients);
  const withSsh = recipients.some((text) => text.startsWith('ssh-'));
  const identities = await readIdentities(env, settings.identities, withSsh);
  let problem: unknown = null;
  for (const { bytes, recipients: named } of candidates.filter(({ by }) => by === 'age')) {
    try {
      const fitting = identities.filter((one) => mayFit(one, named));
      const key = fitting.length === 0 ? null : await unwrapWithAge(bytes, fitting);
      if (key?.txn === txn && key.id === id) return key;
    } catch (error) {
      problem = error;
    }
  }
  throw problem ?? noKey(candidates, recipients, identities.length);
}

/** A file that says whose key it is spares trying it on what is wrapped for others. */
function mayFit({ recipient }: KnownIdentity, named: readonly string[]): boolean {
  return recipient === null || named.length === 0 || named.includes(recipient);
}

function noKey(
  candidates: readonly WrappedKey[],
  recipients: readonly string[],
  identities: number,
): AgentLogError {
  if (candidates.length === 0)
    return new AgentLogError('NO_KEY', 'answer', 'the key to this text is not here', {
      hints: ['`git agent-log sync` may bring it. If nobody has it any more, nobody can read the text.'],
    });
  if (candidates.every(({ by }) => by === 'command'))
    return new AgentLogError('NO_KEY', 'answer', 'the key to this text is kept by a command', {
      hints: ['Set the team\'s: git config agentLog.keyStore "command:<program>".'],
    });
  const whose = [...new Set(recipients)].map(shortRecipient).join(', ') || 'somebody unnamed';
  const yours = identities === 0 ? 'you have no private key' : `none of your ${identities} keys is theirs`;
  return new AgentLogError('NO_KEY', 'answer', `it can be read by ${whose}; ${yours}`, {
    hints: [
      "Ask for the team's private key and put it into a file of your own: git config --add agentLog.identity <file>.",
    ],
  });
}

function splitKind(value: string): [kind: string, rest: string] {
  const end = value.indexOf(':');
  return end < 0 ? [value, ''] : [value.slice(0, end), value.slice(end + 1)];
}

function folderPath(given: string, env: Environment): string {
  const path = given.startsWith('~/') ? `${env['HOME'] ?? homedir()}${given.slice(1)}` : given;
  if (!path.startsWith('/')) throw badKeyStore(`folder:${given}`);
  return path;
}

function badKeyStore(value: string): AgentLogError {
  return new AgentLogError('BAD_ARGUMENT', 'usage', `agentLog.keyStore names no place for keys: ${value}`, {
    hints: ['Write refs, folder:/an/absolute/path, or command:/path/of/a/program.'],
  });
}
