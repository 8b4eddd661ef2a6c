import { AgentLogError } from '../../core/errors.ts';
import { SshReader } from './ssh-wire.ts';

/** An Ed25519 key pair as ssh-keygen writes it. */
export interface SshIdentity {
  /** `ssh-ed25519 AAAA…` */
  readonly recipient: string;
  readonly seed: Buffer;
}

const BEGIN = '-----BEGIN OPENSSH PRIVATE KEY-----';
const END = '-----END OPENSSH PRIVATE KEY-----';
const MAGIC = 'openssh-key-v1\0';

/** Reads an OpenSSH private key file; null when it is none. Throws BAD_RECIPIENT where it can't be used. */
export function parseSshPrivateKey(text: string, path: string): SshIdentity | null {
  const start = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (start < 0 || end < start) return null;
  const bytes = Buffer.from(text.slice(start + BEGIN.length, end), 'base64');
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) throw unusable(path, 'it is damaged');
  const reader = new SshReader(bytes.subarray(MAGIC.length));
  const cipher = reader.string()?.toString('latin1');
  reader.string();
  reader.string();
  const count = reader.uint32();
  const publicKey = reader.string();
  const secret = reader.string();
  if (cipher !== 'none') throw isEncrypted(path);
  if (count !== 1 || publicKey === null || secret === null) throw unusable(path, 'it is damaged');
  return { recipient: `ssh-ed25519 ${publicKey.toString('base64')}`, seed: seedIn(secret, path) };
}

/** Two equal numbers, the type, the public key, then the seed with the public key again. */
function seedIn(secret: Buffer, path: string): Buffer {
  const reader = new SshReader(secret);
  const numbers = [reader.uint32(), reader.uint32()];
  const type = reader.string()?.toString('latin1');
  reader.string();
  const pair = reader.string();
  if (type !== 'ssh-ed25519') throw unusable(path, `it is of type ${type?.slice(0, 40) ?? 'unknown'}`);
  if (numbers[0] !== numbers[1] || pair?.length !== 64) throw unusable(path, 'it is damaged');
  return pair.subarray(0, 32);
}

function isEncrypted(path: string): AgentLogError {
  return new AgentLogError('BAD_RECIPIENT', 'answer', `${path} is protected by a passphrase`, {
    hints: [
      'Nothing here asks for passphrases, and ssh-agent does not decrypt. Name a key without one, or an age identity: git config --add agentLog.identity <file>.',
    ],
  });
}

function unusable(path: string, why: string): AgentLogError {
  return new AgentLogError('BAD_RECIPIENT', 'answer', `${path} is no key that unwraps anything: ${why}`, {
    hints: ['Name an Ed25519 key of ssh, or an age identity: git config --add agentLog.identity <file>.'],
  });
}
