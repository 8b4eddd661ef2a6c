import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { SshReader } from '../recipients/ssh-wire.ts';

/** A public key of ssh, of a kind whose signatures can be checked here. */
export interface PublicKey {
  /** `type base64`, without a comment: one text for one key. */
  readonly text: string;
  readonly type: string;
  readonly key: KeyObject;
  /** What a security key signs for; null for a key that lies in a file. */
  readonly application: Buffer | null;
}

/** A curve in the words of ssh, of JSON web keys, and of hashes; and how long its coordinates are. */
export interface Curve {
  readonly ssh: string;
  readonly jwk: string;
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  readonly bytes: number;
}

const CURVES: readonly Curve[] = [
  { ssh: 'nistp256', jwk: 'P-256', hash: 'sha256', bytes: 32 },
  { ssh: 'nistp384', jwk: 'P-384', hash: 'sha384', bytes: 48 },
  { ssh: 'nistp521', jwk: 'P-521', hash: 'sha512', bytes: 66 },
];

const SK_ED25519 = 'sk-ssh-ed25519@openssh.com';
const SK_ECDSA = 'sk-ecdsa-sha2-nistp256@openssh.com';
const MAX_BLOB_BYTES = 8 * 1024;
/** Shorter ones can be factored by who wants it enough; longer ones cost the reader. */
const RSA_BITS = { least: 2048, most: 16_384 };
const MAX_EXPONENT_BYTES = 8;

/** Reads `type base64`, with or without a comment; null for what is no key of a kind known here. */
export function parsePublicKey(text: string): PublicKey | null {
  const [type, base64, ...comment] = text.trim().split(/[ \t]+/);
  if (type === undefined || base64 === undefined || comment.join(' ').includes('\n')) return null;
  const blob = strictBase64(base64);
  const key = blob === null ? null : readPublicKey(blob);
  return key?.type === type ? key : null;
}

/** Reads a key as it goes over the wire; null when anything is wrong with it, or left over. */
export function readPublicKey(blob: Buffer): PublicKey | null {
  if (blob.length > MAX_BLOB_BYTES) return null;
  const reader = new SshReader(blob);
  const type = reader.string()?.toString('latin1') ?? '';
  const jwk = jwkOf(type, reader);
  const application = type.startsWith('sk-') ? reader.string() : null;
  if (jwk === null || !reader.isAtEnd || (type.startsWith('sk-') && application === null)) return null;
  const key = keyObject(jwk);
  return key === null ? null : { text: `${type} ${blob.toString('base64')}`, type, key, application };
}

/** The curve of an ECDSA key's type, also of one on a security key; null for other keys. */
export function curveOf(type: string): Curve | null {
  if (type === SK_ECDSA) return CURVES[0] ?? null;
  return CURVES.find(({ ssh }) => type === `ecdsa-sha2-${ssh}`) ?? null;
}

export function isEd25519(type: string): boolean {
  return type === 'ssh-ed25519' || type === SK_ED25519;
}

/** The name `ssh-keygen -l` gives a key: `SHA256:` and the hash. An OpenPGP key goes by its fingerprint anyway. */
export function fingerprint(key: string): string {
  const [type, value = ''] = key.split(' ');
  if (type === 'openpgp') return value;
  const blob = Buffer.from(value, 'base64');
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** The bytes of a text in base64, only in the one spelling an encoder gives. */
export function strictBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : null;
}

function jwkOf(type: string, reader: SshReader): JsonWebKey | null {
  if (isEd25519(type)) {
    const x = reader.string();
    return x?.length === 32 ? { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') } : null;
  }
  const curve = curveOf(type);
  if (curve !== null) return ecdsaJwk(curve, reader.string()?.toString('latin1'), reader.string());
  return type === 'ssh-rsa' ? rsaJwk(reader.string(), reader.string()) : null;
}

function ecdsaJwk(
  { ssh, jwk, bytes }: Curve,
  name: string | undefined,
  point: Buffer | null,
): JsonWebKey | null {
  if (name !== ssh || point?.length !== 1 + 2 * bytes || point[0] !== 4) return null;
  const [x, y] = [point.subarray(1, 1 + bytes), point.subarray(1 + bytes)];
  return { kty: 'EC', crv: jwk, x: x.toString('base64url'), y: y.toString('base64url') };
}

function rsaJwk(exponent: Buffer | null, modulus: Buffer | null): JsonWebKey | null {
  const [e, n] = [positive(exponent), positive(modulus)];
  if (e === null || n === null || e.length > MAX_EXPONENT_BYTES) return null;
  const bits = n.length * 8 - Math.clz32(n[0] ?? 0) + 24;
  if (bits < RSA_BITS.least || bits > RSA_BITS.most) return null;
  return { kty: 'RSA', e: e.toString('base64url'), n: n.toString('base64url') };
}

/** A number as ssh writes one, without the zero that says it is positive; null unless it is positive and as short as can be. */
export function positive(number: Buffer | null): Buffer | null {
  const [first, second] = number ?? [];
  if (number === null || first === undefined || first >= 128) return null;
  if (first !== 0) return number;
  return second !== undefined && second >= 128 ? number.subarray(1) : null;
}

/** What is no point of its curve is refused here. */
function keyObject(jwk: JsonWebKey): KeyObject | null {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return null;
  }
}
