import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import type { Identity, Recipient, Stanza } from 'age-encryption';
import { sshPublicKey } from './recipient.ts';
import type { SshIdentity } from './ssh-private-key.ts';

/**
 * The `ssh-ed25519` stanza, as age's own tool writes and reads it (filippo.io/age/agessh): age's library for this
 * language leaves it to its users. The curves are @noble/curves', the rest is Node's.
 */
const TYPE = 'ssh-ed25519';
const LABEL = 'age-encryption.org/v1/ssh-ed25519';
const NO_NONCE = Buffer.alloc(12);
const TAG_BYTES = 16;

/** Wraps file keys for an ssh key, given as `ssh-ed25519 AAAA…`. */
export function sshRecipient(
  text: string,
  makeStanza: (args: string[], body: Uint8Array) => Stanza,
): Recipient {
  const blob = text.split(' ')[1] ?? '';
  const wire = Buffer.from(blob, 'base64');
  const theirs = ed25519.utils.toMontgomery(sshPublicKey(blob) ?? new Uint8Array());
  return {
    wrapFileKey(fileKey) {
      const ephemeral = randomBytes(32);
      const share = x25519.scalarMultBase(ephemeral);
      const secret = tweaked(wire, x25519.scalarMult(ephemeral, theirs));
      const body = encrypted(wrappingKey(secret, share, theirs), fileKey);
      return [makeStanza([TYPE, fingerprint(wire), unpadded(share)], body)];
    },
  };
}

/** Unwraps what was wrapped for an ssh key. */
export function sshIdentity({ recipient, seed }: SshIdentity): Identity {
  const wire = Buffer.from(recipient.split(' ')[1] ?? '', 'base64');
  const scalar = ed25519.utils.toMontgomerySecret(seed);
  const ours = x25519.scalarMultBase(scalar);
  return {
    unwrapFileKey(stanzas) {
      for (const { args, body } of stanzas) {
        const [type, print, share = ''] = args;
        if (type !== TYPE || print !== fingerprint(wire)) continue;
        const theirs = Buffer.from(share, 'base64');
        if (theirs.length !== 32 || body.length !== 16 + TAG_BYTES) throw new Error('a damaged stanza');
        const secret = tweaked(wire, x25519.scalarMult(scalar, theirs));
        const fileKey = decrypted(wrappingKey(secret, theirs, ours), Buffer.from(body));
        if (fileKey !== null) return fileKey;
      }
      return null;
    },
  };
}

/** Binds the shared secret to the ssh key as it is written, not only to the point it is. */
function tweaked(wire: Buffer, secret: Uint8Array): Uint8Array {
  const tweak = new Uint8Array(hkdfSync('sha256', Buffer.alloc(0), wire, LABEL, 32));
  return x25519.scalarMult(tweak, secret);
}

function wrappingKey(secret: Uint8Array, share: Uint8Array, theirs: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, Buffer.concat([share, theirs]), LABEL, 32));
}

function encrypted(key: Buffer, plain: Uint8Array): Buffer {
  const cipher = createCipheriv('chacha20-poly1305', key, NO_NONCE, { authTagLength: TAG_BYTES });
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Null when it was wrapped for another key: a fingerprint has 32 bits. */
function decrypted(key: Buffer, body: Buffer): Buffer | null {
  const decipher = createDecipheriv('chacha20-poly1305', key, NO_NONCE, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(body.subarray(16));
  try {
    return Buffer.concat([decipher.update(body.subarray(0, 16)), decipher.final()]);
  } catch {
    return null;
  }
}

function fingerprint(wire: Buffer): string {
  return unpadded(createHash('sha256').update(wire).digest().subarray(0, 4));
}

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '');
}
