import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readRegularFile, writeFileAtomically } from '../../ledger/notes/files.ts';
import { loadAge } from './age-library.ts';
import { parseSshPrivateKey, type SshIdentity } from './ssh-private-key.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A private key somebody has here. `recipient` is what its file says it belongs to, not checked. */
export type KnownIdentity = AgeIdentity | SshKey;

interface AgeIdentity {
  readonly kind: 'age';
  readonly secret: string;
  readonly recipient: string | null;
  readonly path: string;
  /** The repository it was made for, as its file says. */
  readonly madeFor?: string;
}

interface SshKey {
  readonly kind: 'ssh';
  readonly key: SshIdentity;
  readonly recipient: string;
  readonly path: string;
}

const MADE_FOR = '# made for: ';
const MAX_FILE_BYTES = 64 * 1024;
const MAX_FILES = 200;

/** The user's own folder of private keys. */
export function identitiesFolder(env: Environment): string {
  const config = env['XDG_CONFIG_HOME'];
  const base = config?.startsWith('/') === true ? config : join(env['HOME'] ?? homedir(), '.config');
  return join(base, 'git-agent-log', 'identities');
}

/** What is told of a private key that was just made. */
export interface MadeIdentity {
  readonly recipient: string;
  readonly path: string;
}

/** Makes a key pair for a repository, and keeps the private half readable by the user alone. */
export async function makeIdentity(env: Environment, repository: string, now: number): Promise<MadeIdentity> {
  const { generateX25519Identity, identityToRecipient } = await loadAge();
  const secret = await generateX25519Identity();
  const recipient = await identityToRecipient(secret);
  const path = join(identitiesFolder(env), `${recipient.slice(0, 16)}.txt`);
  const lines = [
    `# created: ${new Date(now).toISOString()}`,
    `${MADE_FOR}${JSON.stringify(repository)}`,
    `# public key: ${recipient}`,
    secret,
    '',
  ];
  await writeFileAtomically(path, lines.join('\n'), true);
  return { recipient, path };
}

/**
 * The private keys of this user: those in the folder of our own, the files configuration names, and, where something is
 * wrapped for an ssh key, the usual one.
 */
export async function readIdentities(
  env: Environment,
  named: readonly string[],
  withSsh: boolean,
): Promise<KnownIdentity[]> {
  const folder = identitiesFolder(env);
  const files = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.txt'));
  const own = files.slice(0, MAX_FILES).map((name) => join(folder, name));
  const usual = withSsh ? await ifReadable(join(env['HOME'] ?? homedir(), '.ssh', 'id_ed25519')) : [];
  const found = await Promise.all([...own, ...named].map(readIdentityFile));
  return [...found.flat(), ...usual];
}

/** The usual ssh key need not be one that can be used: then it is as if there were none. */
async function ifReadable(path: string): Promise<KnownIdentity[]> {
  return readIdentityFile(path).catch(() => []);
}

async function readIdentityFile(path: string): Promise<KnownIdentity[]> {
  const text = (await readRegularFile(path, MAX_FILE_BYTES))?.toString('utf8') ?? '';
  const key = parseSshPrivateKey(text, path);
  if (key !== null) return [{ kind: 'ssh', key, recipient: key.recipient, path }];
  const recipient = /^# public key: (age1\S+)$/m.exec(text)?.[1] ?? null;
  const secrets = text.split('\n').filter((line) => /^AGE-SECRET-KEY-1[0-9A-Z]+$/.test(line.trim()));
  // The line above says which one only where there is one.
  const told = secrets.length === 1 ? recipient : null;
  const line = text.split('\n').find((one) => one.startsWith(MADE_FOR));
  const madeFor = line === undefined ? {} : { madeFor: line.slice(MADE_FOR.length) };
  return secrets.map((secret) => ({ kind: 'age', secret: secret.trim(), recipient: told, path, ...madeFor }));
}

/** The key that was made for a repository before; null when there is none, or it is gone. */
export function identityMadeFor(
  repository: string,
  identities: readonly KnownIdentity[],
): MadeIdentity | null {
  const name = JSON.stringify(repository);
  for (const one of identities)
    if (one.kind === 'age' && one.madeFor === name && one.recipient !== null)
      return { recipient: one.recipient, path: one.path };
  return null;
}
