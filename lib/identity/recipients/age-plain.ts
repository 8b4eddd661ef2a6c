import {
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto';
import { bech32Bytes } from './bech32.ts';

/**
 * Opens a file of age (C2SP age v1) that is wrapped for an X25519 identity and as short as a key is, with what Node brings:
 * loading age's own library takes longer than all the rest of showing a text. Null for everything else: a file of another
 * form, for somebody else, or damaged. Then the library decides, and says why. Whatever is opened here, it would open.
 */
export function openPlainAge(file: Buffer, secret: string): Buffer | null {
  const parsed = parseFile(file);
  const scalar = bech32Bytes(secret, 'age-secret-key-');
  if (parsed === null || scalar?.length !== 32) return null;
  try {
    const fileKey = firstFileKey(parsed.stanzas, scalar);
    return fileKey === null || !isAuthentic(parsed, fileKey) ? null : payload(parsed.payload, fileKey);
  } catch {
    // Node says so where a point has no secret to share, or a tag does not fit.
    return null;
  }
}

interface AgeFile {
  readonly stanzas: readonly Stanza[];
  /** What the header's code is taken of. */
  readonly header: Buffer;
  readonly mac: Buffer;
  readonly payload: Buffer;
}

interface Stanza {
  readonly args: readonly string[];
  readonly body: Buffer;
}

const HEADER =
  /^age-encryption\.org\/v1\n((?:-> [!-~]+(?: [!-~]+)*\n(?:[A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/]{0,63}\n)+)---/;
const MAC = /^ ([A-Za-z0-9+/]{43})\n/;
const STANZA = /-> (.+)\n([A-Za-z0-9+/\n]*)/g;
/** A header with more is left to the library. */
const MAX_HEADER_BYTES = 64 * 1024;
const KEY_BYTES = 32;
const FILE_KEY_BYTES = 16;
const TAG_BYTES = 16;
const NONCE_BYTES = 16;
const CHUNK_BYTES = 64 * 1024;

function parseFile(file: Buffer): AgeFile | null {
  const text = file.toString('latin1', 0, MAX_HEADER_BYTES);
  const [header = '', written = ''] = HEADER.exec(text) ?? [];
  const [line = '', code = ''] = MAC.exec(text.slice(header.length)) ?? [];
  const mac = unpadded(code);
  const stanzas = stanzasOf(written);
  if (header === '' || stanzas === null || mac?.length !== KEY_BYTES) return null;
  const payload = file.subarray(header.length + line.length);
  return { stanzas, header: file.subarray(0, header.length), mac, payload };
}

function stanzasOf(text: string): Stanza[] | null {
  const stanzas: Stanza[] = [];
  for (const [, args = '', written = ''] of text.matchAll(STANZA)) {
    const body = unpadded(written.replaceAll('\n', ''));
    if (body === null) return null;
    stanzas.push({ args: args.split(' '), body });
  }
  return stanzas;
}

/** Base64 without padding; null for what is not written the one way it can be. */
function unpadded(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64').replace(/=+$/, '') === text ? bytes : null;
}

function firstFileKey(stanzas: readonly Stanza[], scalar: Buffer): Buffer | null {
  const ours = privateKey(scalar);
  for (const { args, body } of stanzas) {
    const [type, share = '', ...more] = args;
    if (type !== 'X25519') continue;
    const theirs = unpadded(share);
    const isSound =
      theirs?.length === KEY_BYTES && more.length === 0 && body.length === FILE_KEY_BYTES + TAG_BYTES;
    // The library refuses the file for it.
    if (!isSound) return null;
    const fileKey = decrypted(wrappingKey(ours, theirs), Buffer.alloc(12), body);
    if (fileKey !== null) return fileKey;
  }
  return null;
}

function wrappingKey(ours: KeyObject, theirs: Buffer): Buffer {
  const shared = diffieHellman({ privateKey: ours, publicKey: publicKey(theirs) });
  return derived(shared, Buffer.concat([theirs, rawPublic(ours)]), 'age-encryption.org/v1/X25519');
}

function isAuthentic({ header, mac }: AgeFile, fileKey: Buffer): boolean {
  const code = createHmac('sha256', derived(fileKey, Buffer.alloc(0), 'header'))
    .update(header)
    .digest();
  return timingSafeEqual(code, mac);
}

/** The only chunk of a payload: its nonce counts from zero, and ends in the mark of the last. */
function payload(bytes: Buffer, fileKey: Buffer): Buffer | null {
  const chunk = bytes.subarray(NONCE_BYTES);
  if (chunk.length > CHUNK_BYTES + TAG_BYTES) return null;
  const nonce = Buffer.alloc(12);
  nonce[11] = 1;
  return decrypted(derived(fileKey, bytes.subarray(0, NONCE_BYTES), 'payload'), nonce, chunk);
}

function derived(key: Uint8Array, salt: Uint8Array, info: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, info, KEY_BYTES));
}

/** Null when the tag does not fit: it is for another key, or damaged. */
function decrypted(key: Buffer, nonce: Buffer, bytes: Buffer): Buffer | null {
  const end = bytes.length - TAG_BYTES;
  if (end < 0) return null;
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(bytes.subarray(end));
  const plain = decipher.update(bytes.subarray(0, end));
  try {
    return Buffer.concat([plain, decipher.final()]);
  } catch {
    return null;
  }
}

/** X25519 keys of JSON Web Keys (RFC 8037): of the other forms Node first has OpenSSL find out which one it is. */
const X25519 = { kty: 'OKP', crv: 'X25519' } as const;

/** Its public half is computed from it, and not asked for. Until 24 Node only wants one to be named; later it has to be right. */
function privateKey(scalar: Buffer): KeyObject {
  if (NAMES_ARE_ENOUGH)
    return createPrivateKey({ key: { ...X25519, d: scalar.toString('base64url'), x: '' }, format: 'jwk' });
  return createPrivateKey({ key: Buffer.concat([PKCS8, scalar]), format: 'der', type: 'pkcs8' });
}

const NAMES_ARE_ENOUGH = Number.parseInt(process.versions.node, 10) <= 24;

/** What a private X25519 key begins with in PKCS #8 (RFC 8410). */
const PKCS8: Buffer = Buffer.from('302e020100300506032b656e04220420', 'hex');

function publicKey(point: Buffer): KeyObject {
  return createPublicKey({ key: { ...X25519, x: point.toString('base64url') }, format: 'jwk' });
}

function rawPublic(key: KeyObject): Buffer {
  return Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x ?? '', 'base64url');
}
