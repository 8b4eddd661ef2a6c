import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { textDigest } from '../../core/digest.ts';
import { badPayload } from './bad-payload.ts';
import { type DataKey, KEY_BYTES } from './data-key.ts';
import { type EntryHeader, encodeHeader, parseHeader } from './entry-header.ts';

/** A text with the salt its digest needs. */
export interface PayloadText {
  readonly digest: string;
  /** 32 bytes in base64. */
  readonly salt: string;
  readonly kind: string;
  readonly text: string;
}

/** A payload entry as stored: what anybody may read of it, and what only a key opens. */
export interface StoredEntry {
  readonly header: EntryHeader;
  readonly headerBytes: Buffer;
  readonly sealed: Buffer;
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** One text with all that is escaped in it. */
const MAX_TEXT_BYTES = 4 * 1024 * 1024;
const MAX_TEXTS = 10_000;
const MAX_OPENED_BYTES = 64 * 1024 * 1024;
export const MAX_ENTRY_BYTES: number = 64 * 1024 * 1024;

/**
 * Seals the texts of a record. Each is compressed by itself: what one text says must not show in how well another is
 * compressed. The header is authenticated with them, so nothing sealed here opens under another record's header.
 */
export function sealEntry(
  header: Omit<EntryHeader, 'key' | 'txn'>,
  texts: readonly PayloadText[],
  key: DataKey,
): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const head = encodeHeader({ ...header, txn: key.txn, key: key.id });
  const cipher = createCipheriv(CIPHER, key.bytes, nonce);
  cipher.setAAD(head);
  const sealed = Buffer.concat([cipher.update(packTexts(texts)), cipher.final()]);
  return Buffer.concat([head, nonce, sealed, cipher.getAuthTag()]);
}

/** Reads what is not sealed of an entry. Throws BAD_PAYLOAD. */
export function parseEntry(bytes: Buffer): StoredEntry {
  if (bytes.length > MAX_ENTRY_BYTES) throw badPayload('it is larger than any payload');
  const { header, length } = parseHeader(bytes);
  const sealed = bytes.subarray(length);
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw badPayload('it is cut off');
  return { header, headerBytes: bytes.subarray(0, length), sealed };
}

/** The texts of an entry, each with the digest it has. Throws BAD_PAYLOAD when it is not what was sealed under this key. */
export function openEntry({ header, headerBytes, sealed }: StoredEntry, key: DataKey): PayloadText[] {
  if (key.txn !== header.txn || key.id !== header.key) throw badPayload('the key is that of another payload');
  if (key.bytes.length !== KEY_BYTES) throw badPayload('its key is of the wrong length');
  const decipher = createDecipheriv(CIPHER, key.bytes, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(headerBytes);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  return unpackTexts(deciphered(decipher, sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES)));
}

function deciphered(decipher: ReturnType<typeof createDecipheriv>, bytes: Buffer): Buffer {
  try {
    return Buffer.concat([decipher.update(bytes), decipher.final()]);
  } catch (cause) {
    throw badPayload('it was changed, cut off, or put under the header of another record', cause);
  }
}

function packTexts(texts: readonly PayloadText[]): Buffer {
  const parts = texts.flatMap(({ digest, salt, kind, text }) => {
    const packed = deflateRawSync(JSON.stringify({ digest, salt, kind, text }), { level: 9 });
    const length = Buffer.alloc(4);
    length.writeUInt32BE(packed.length);
    return [length, packed];
  });
  return Buffer.concat(parts);
}

function unpackTexts(bytes: Buffer): PayloadText[] {
  const texts: PayloadText[] = [];
  let opened = 0;
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 <= bytes.length ? at + 4 + bytes.readUInt32BE(at) : Number.POSITIVE_INFINITY;
    if (end > bytes.length || texts.length >= MAX_TEXTS) throw badPayload('its parts are not whole');
    const json = inflated(bytes.subarray(at + 4, end));
    opened += json.length;
    if (opened > MAX_OPENED_BYTES) throw badPayload('it opens to more than any payload holds');
    texts.push(parseText(json));
    at = end;
  }
  return texts;
}

function inflated(bytes: Buffer): Buffer {
  try {
    return inflateRawSync(bytes, { maxOutputLength: MAX_TEXT_BYTES });
  } catch (cause) {
    throw badPayload('a text of it can not be unpacked', cause);
  }
}

/** Whoever holds a key may seal anything: only a text that hashes to its digest is one. */
function parseText(json: Buffer): PayloadText {
  const value = jsonObject(json.toString('utf8'));
  const { digest, salt, kind, text } = value;
  const isText =
    typeof digest === 'string' &&
    typeof salt === 'string' &&
    typeof kind === 'string' &&
    typeof text === 'string';
  if (!isText || textDigest(Buffer.from(salt, 'base64'), text) !== digest)
    throw badPayload('a text of it is not the one its digest names');
  return { digest, salt, kind, text };
}

function jsonObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw badPayload('a text of it is no JSON object');
}
