import { createHash, createHmac, hash } from 'node:crypto';

export type ObjectFormat = 'sha1' | 'sha256';

/** Digest of a record: sha256 of its line's bytes without the line feed, so that sha256sum checks it. */
export function recordDigest(line: string | Uint8Array): string {
  return `sha256:${hash('sha256', line)}`;
}

/** Salted digest of a text (HMAC-SHA256): without the salt a short text can't be guessed from it. */
export function textDigest(salt: Uint8Array, text: string): string {
  return `hmac-sha256:${createHmac('sha256', salt).update(text, 'utf8').digest('hex')}`;
}

/** The id git gives a blob with this content, no filters applied. */
export function blobId(content: Uint8Array, format: ObjectFormat): string {
  return createHash(format).update(`blob ${content.byteLength}\0`).update(content).digest('hex');
}

/** Hex part of a `sha256:…` digest. */
export function digestHex(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1);
}
