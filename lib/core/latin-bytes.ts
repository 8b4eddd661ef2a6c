import { isAscii, isUtf8 } from 'node:buffer';
import { recordDigest } from './digest.ts';

/** Bytes, and a text with a letter for each of them: what is found in the one is at the same place in the other. */
export interface LatinBytes {
  readonly bytes: Buffer;
  /** A part of it that is kept keeps all of it. */
  readonly text: string;
  readonly isAscii: boolean;
}

export function latinBytes(bytes: Buffer): LatinBytes {
  return { bytes, text: bytes.toString('latin1'), isAscii: isAscii(bytes) };
}

/** What a part of such a text says, where its bytes are UTF-8. */
export function decoded(latin: string): string {
  return Buffer.from(latin, 'latin1').toString('utf8');
}

/** The digest parseLine has of a line: of its text, which is not that of its bytes where they are no UTF-8. */
export function lineDigest({ bytes, isAscii: plain }: LatinBytes, start: number, end: number): string {
  const line = bytes.subarray(start, end);
  return recordDigest(plain || isUtf8(line) ? line : line.toString('utf8'));
}
