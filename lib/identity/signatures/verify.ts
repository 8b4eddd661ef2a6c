import { constants, type VerifyKeyObjectInput, type VerifyPublicKeyInput, verify } from 'node:crypto';
import type { SignatureRecord } from '../../core/records/record.ts';
import { SshReader } from '../recipients/ssh-wire.ts';
import { problemOfOpenpgpSignature } from './openpgp.ts';
import { type Curve, curveOf, isEd25519, type PublicKey, positive } from './public-key.ts';
import { decodeSshSignature, deviceBytes, NAMESPACE, type SshSignature, signedBytes } from './sshsig.ts';

/** Whether a signature is one of its record, by its key. Whose the key is, is another question. */
export interface Verified {
  readonly holds: boolean;
  /** `type base64`, or `openpgp FINGERPRINT`; null where none could be read. */
  readonly key: string | null;
  readonly namespace: string | null;
  /** True when a person touched the security key for it; false for other keys, where nobody can tell. */
  readonly present: boolean;
  /** Why it does not hold, in a few words. */
  readonly why: string | null;
}

/** Checks an SSH signature record; of an OpenPGP one it says that it was not checked. Only one made for records counts: what a key signed as a commit or a file is no yes to anything here. */
export function verifySignature(record: SignatureRecord): Verified {
  if (record.format === 'openpgp') return notHolding('it is for gpg to check, and was not checked', null);
  const known = verdicts.get(record);
  if (known !== undefined) return known;
  const verdict = checked(record.signature, record.record, NAMESPACE, record.publicKey);
  verdicts.set(record, verdict);
  return verdict;
}

/** Whether it takes the key to tell that a signature does not hold; false for one whose form says so. */
export function takesItsKey({ format, publicKey, signature }: SignatureRecord): boolean {
  if (format === 'openpgp') return problemOfOpenpgpSignature(signature) === null;
  const read = decodeSshSignature(signature);
  return typeof read !== 'string' && read.key.text === publicKey && read.namespace === NAMESPACE;
}

/** A record is judged wherever it is told; of any number of junk signatures beside it each is checked once. */
const verdicts = new WeakMap<SignatureRecord, Verified>();

/** Checks an armoured signature of a text or of bytes. Only one made for the same namespace counts. */
export function verifySshSignature(
  armored: string,
  content: string | Uint8Array,
  namespace: string,
): Verified {
  return checked(armored, content, namespace, null);
}

/** A key that is not the one it has to be by, and may be one that takes long, is not even asked. */
function checked(
  armored: string,
  content: string | Uint8Array,
  namespace: string,
  by: string | null,
): Verified {
  const read = decodeSshSignature(armored);
  if (typeof read === 'string') return no(read, null);
  if (by !== null && read.key.text !== by) return no('it is by another key than its record names', read);
  if (read.namespace !== namespace) return no('it was made for something else', read);
  const bytes = signedBytes(content, namespace, read.hash);
  if (!holds(read, bytes)) return no('it is not one of this record', read);
  const present = read.device !== null && (read.device.flags & PRESENT) !== 0;
  return { holds: true, key: read.key.text, namespace: read.namespace, present, why: null };
}

const PRESENT = 1;

function no(why: string, read: SshSignature | null): Verified {
  return { ...notHolding(why, read?.key.text ?? null), namespace: read?.namespace ?? null };
}

/** What is said of a signature that counts for nothing. */
export function notHolding(why: string, key: string | null): Verified {
  return { holds: false, key, namespace: null, present: false, why };
}

function holds({ key, algorithm, signature, device }: SshSignature, bytes: Buffer): boolean {
  const data =
    device === null || key.application === null ? bytes : deviceBytes(key.application, device, bytes);
  if (key.type === 'ssh-rsa') return rsaHolds(key, algorithm, data, signature);
  if (algorithm !== key.type) return false;
  if (isEd25519(key.type)) return signature.length === 64 && verified(null, data, key.key, signature);
  const curve = curveOf(key.type);
  const both = curve === null ? null : bothNumbers(signature, curve);
  if (curve === null || both === null) return false;
  return verified(curve.hash, data, { key: key.key, dsaEncoding: 'ieee-p1363' }, both);
}

const RSA_HASHES: Readonly<Record<string, string>> = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' };

/** `ssh-rsa` as an algorithm means SHA-1, which counts no more. */
function rsaHolds({ key }: PublicKey, algorithm: string, data: Buffer, signature: Buffer): boolean {
  const hash = Object.hasOwn(RSA_HASHES, algorithm) ? RSA_HASHES[algorithm] : undefined;
  if (hash === undefined) return false;
  return verified(hash, data, { key, padding: constants.RSA_PKCS1_PADDING }, signature);
}

/** Both numbers of an ECDSA signature side by side, each as long as the curve's; null when they are not so written. */
function bothNumbers(signature: Buffer, { bytes }: Curve): Buffer | null {
  const reader = new SshReader(signature);
  const [r, s] = [positive(reader.string()), positive(reader.string())];
  if (r === null || s === null || !reader.isAtEnd || r.length > bytes || s.length > bytes) return null;
  return Buffer.concat([padded(r, bytes), padded(s, bytes)]);
}

function padded(number: Buffer, bytes: number): Buffer {
  return Buffer.concat([Buffer.alloc(bytes - number.length), number]);
}

/** Node throws on some signatures that could never hold. */
function verified(
  hash: string | null,
  data: Buffer,
  key: PublicKey['key'] | VerifyKeyObjectInput | VerifyPublicKeyInput,
  signature: Buffer,
): boolean {
  try {
    return verify(hash, data, key, signature);
  } catch {
    return false;
  }
}
