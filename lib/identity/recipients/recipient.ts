import { AgentLogError } from '../../core/errors.ts';
import { SshReader } from './ssh-wire.ts';

/** Somebody who can unwrap keys, by the public key. */
export interface Recipient {
  readonly kind: 'x25519' | 'ssh-ed25519';
  /** As age takes it: `age1…`, or `ssh-ed25519 AAAA…` without a comment. */
  readonly text: string;
}

/** Reads a recipient as age and ssh write one. Throws BAD_RECIPIENT. */
export function parseRecipient(given: string): Recipient {
  const text = given.trim();
  if (/^age1[ac-hj-np-z02-9]{58}$/.test(text)) return { kind: 'x25519', text };
  const [type = '', blob = ''] = text.split(/\s+/);
  if (type === 'ssh-ed25519' && sshPublicKey(blob) !== null)
    return { kind: 'ssh-ed25519', text: `${type} ${blob}` };
  throw new AgentLogError('BAD_RECIPIENT', 'usage', `no recipient of keys: ${shortened(text)}`, {
    hints: ['Write an age recipient (age1…), or the public half of an Ed25519 ssh key (ssh-ed25519 AAAA…).'],
  });
}

/** The 32 bytes of an Ed25519 key in ssh's form, base64; null when it is another's. */
export function sshPublicKey(blob: string): Buffer | null {
  const wire = Buffer.from(blob, 'base64');
  if (wire.toString('base64').replace(/=+$/, '') !== blob.replace(/=+$/, '')) return null;
  const reader = new SshReader(wire);
  const [type, key] = [reader.string(), reader.string()];
  return type?.toString('latin1') === 'ssh-ed25519' && key?.length === 32 && reader.isAtEnd ? key : null;
}

/** Long enough to tell one key from another at a glance. */
export function shortRecipient(text: string): string {
  return text.startsWith('age1') ? `${text.slice(0, 16)}…` : `${text.slice(0, 12)}…${text.slice(-12)}`;
}

/** A secret key set by mistake must not be printed. */
function shortened(text: string): string {
  return /SECRET|PRIVATE/i.test(text) ? 'a secret key' : text.slice(0, 40);
}
