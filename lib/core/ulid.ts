import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A ULID (github.com/ulid/spec): 48 bits of milliseconds since 1970, then 80 random bits, in Crockford's base 32. */
export function newUlid(now: number, random: (size: number) => Uint8Array = randomBytes): string {
  return encodeTime(now) + encodeRandom(random(10));
}

/** Several of one moment, in the order they sort in. */
export function newUlids(now: number, count: number): string[] {
  return Array.from({ length: count }, () => newUlid(now)).sort();
}

export function isUlid(text: string): boolean {
  return /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(text);
}

/** A prefix that may name a transaction: 8 characters or more, upper or lower case. */
export function isUlidPrefix(text: string): boolean {
  return /^[0-7][0-9A-HJKMNP-TV-Z]{7,25}$/i.test(text);
}

/** Milliseconds since 1970 held in a ULID. */
export function timeOfUlid(ulid: string): number {
  let time = 0;
  for (const letter of ulid.slice(0, 10)) time = time * 32 + ALPHABET.indexOf(letter);
  return time;
}

function encodeTime(now: number): string {
  let rest = Math.max(0, Math.floor(now));
  let text = '';
  for (let i = 0; i < 10; i++) {
    text = ALPHABET.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function encodeRandom(bytes: Uint8Array): string {
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  let text = '';
  for (let i = 0; i < 16; i++) {
    text = ALPHABET.charAt(Number(bits & 31n)) + text;
    bits >>= 5n;
  }
  return text;
}
