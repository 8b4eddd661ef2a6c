import { createHash } from 'node:crypto';
import { SshReader } from '../recipients/ssh-wire.ts';
import { type PublicKey, readPublicKey, strictBase64 } from './public-key.ts';

/** What else is signed with the same key (commits: `git`) can't be taken for a record of ours, nor the other way round. */
export const NAMESPACE = 'agent-log';

/** A signature as `ssh-keygen -Y sign` makes one (PROTOCOL.sshsig). Nothing of it is checked yet. */
export interface SshSignature {
  readonly key: PublicKey;
  readonly namespace: string;
  readonly hash: 'sha256' | 'sha512';
  /** What kind of signature it says it is. */
  readonly algorithm: string;
  readonly signature: Buffer;
  /** What a security key adds: whether somebody touched it, and how often it has signed. Null for other keys. */
  readonly device: { readonly flags: number; readonly counter: number } | null;
}

const BEGIN = '-----BEGIN SSH SIGNATURE-----\n';
const END = '-----END SSH SIGNATURE-----\n';
const MAX_TEXT = 16 * 1024;

/** Reads a signature; what is wrong with it, in a few words, where it is none. Anything left over is wrong. */
export function decodeSshSignature(armored: string): SshSignature | string {
  const bytes = bytesOf(armored);
  if (bytes === null) return 'it is no SSH signature';
  const reader = new SshReader(bytes);
  if (reader.take(6)?.toString('latin1') !== 'SSHSIG') return 'it is no SSH signature';
  if (reader.uint32() !== 1) return 'its version is not 1';
  const [key, namespace, reserved, hash, signature] = [0, 1, 2, 3, 4].map(() => reader.string());
  if (!key || !namespace || !reserved || !hash || !signature) return 'it is cut off';
  if (!reader.isAtEnd) return 'something follows it';
  const publicKey = readPublicKey(key);
  if (publicKey === null) return 'its key is of no kind that counts';
  const name = hash.toString('latin1');
  if (name !== 'sha256' && name !== 'sha512') return 'its hash is of no kind that counts';
  if (namespace.length === 0 || reserved.length > 0) return 'it is for nothing that is known';
  const inner = innerOf(signature, publicKey.type);
  if (inner === null) return 'the signature in it is damaged';
  return { key: publicKey, namespace: namespace.toString('utf8'), hash: name, ...inner };
}

/** The bytes that are signed for a text or for bytes: their hash, and what they are signed as. */
export function signedBytes(
  content: string | Uint8Array,
  namespace: string,
  hash: SshSignature['hash'],
): Buffer {
  const digest = createHash(hash).update(content).digest();
  const parts = [Buffer.from(namespace, 'utf8'), Buffer.alloc(0), Buffer.from(hash), digest];
  return Buffer.concat([Buffer.from('SSHSIG'), ...parts.map(sshString)]);
}

/** What a security key signs: what for, how, and the hash of what it was given. */
export function deviceBytes(
  application: Buffer,
  { flags, counter }: { readonly flags: number; readonly counter: number },
  bytes: Buffer,
): Buffer {
  const said = Buffer.alloc(5);
  said.writeUInt8(flags, 0);
  said.writeUInt32BE(counter, 1);
  const hash = (part: Buffer): Buffer => createHash('sha256').update(part).digest();
  return Buffer.concat([hash(application), said, hash(bytes)]);
}

function bytesOf(armored: string): Buffer | null {
  if (armored.length > MAX_TEXT || !armored.startsWith(BEGIN) || !armored.endsWith(END)) return null;
  return strictBase64(armored.slice(BEGIN.length, -END.length).replaceAll('\n', ''));
}

function innerOf(
  bytes: Buffer,
  type: string,
): Pick<SshSignature, 'algorithm' | 'signature' | 'device'> | null {
  const reader = new SshReader(bytes);
  const [algorithm, signature] = [reader.string(), reader.string()];
  const device = type.startsWith('sk-') ? deviceOf(reader) : null;
  if (!algorithm || !signature || !reader.isAtEnd || (type.startsWith('sk-') && device === null)) return null;
  return { algorithm: algorithm.toString('latin1'), signature, device };
}

function deviceOf(reader: SshReader): SshSignature['device'] {
  const flags = reader.take(1)?.[0];
  const counter = reader.uint32();
  return flags === undefined || counter === null ? null : { flags, counter };
}

function sshString(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
