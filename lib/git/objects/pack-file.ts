import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import type { ObjectFormat } from '../../core/digest.ts';

/** An object that is to go into a pack. */
export interface PackedObject {
  readonly oid: string;
  readonly type: 'blob' | 'tree' | 'commit';
  readonly content: Uint8Array;
}

/** A pack with its index, as gitformat-pack(5) has them (both of version 2). */
export interface PackFile {
  /** What git calls it: `pack-<name>.pack` and `pack-<name>.idx`. */
  readonly name: string;
  readonly pack: Buffer;
  readonly index: Buffer;
}

/** Packs objects whole, each by itself and hardly compressed: for a pack that goes soon. Under two gigabytes in all. */
export function packFileOf(objects: readonly PackedObject[], format: ObjectFormat): PackFile {
  const parts = [headerOf(objects.length)];
  let offset = HEADER_BYTES;
  const entries = objects.map(({ oid, type, content }) => {
    const bytes = Buffer.concat([entryHeader(type, content.byteLength), deflateSync(content, STORED)]);
    const entry = { oid, offset, crc: crc32(bytes) };
    parts.push(bytes);
    offset += bytes.length;
    return entry;
  });
  const body = Buffer.concat(parts);
  const digest = createHash(format).update(body).digest();
  const pack = Buffer.concat([body, digest]);
  return { name: digest.toString('hex'), pack, index: indexOf(entries, digest, format) };
}

const HEADER_BYTES = 12;

/** Its size is worth no work. */
export const STORED = { level: 0, memLevel: 1, windowBits: 9 };

const TYPES = { commit: 1, tree: 2, blob: 3 } as const;

function headerOf(count: number): Buffer {
  const header = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1');
  header.writeUInt32BE(count, 8);
  return header;
}

/** The type, and the size four and then seven bits at a time, the lowest first. */
function entryHeader(type: PackedObject['type'], size: number): Buffer {
  const bytes = [(TYPES[type] << 4) | (size & 15)];
  for (let left = Math.floor(size / 16); left > 0; left = Math.floor(left / 128)) {
    bytes.push((bytes.pop() ?? 0) | 128, left & 127);
  }
  return Buffer.from(bytes);
}

interface IndexEntry {
  readonly oid: string;
  readonly offset: number;
  readonly crc: number;
}

function indexOf(entries: readonly IndexEntry[], packDigest: Buffer, format: ObjectFormat): Buffer {
  const sorted = [...entries].sort((a, b) => (a.oid < b.oid ? -1 : 1));
  const first = sorted.map(({ oid }) => Number.parseInt(oid.slice(0, 2), 16));
  const body = Buffer.concat([
    Buffer.from('\xfftOc\0\0\0\x02', 'latin1'),
    numbers(fanOut(first)),
    ...sorted.map(({ oid }) => Buffer.from(oid, 'hex')),
    numbers(sorted.map(({ crc }) => crc)),
    numbers(sorted.map(({ offset }) => offset)),
    packDigest,
  ]);
  return Buffer.concat([body, createHash(format).update(body).digest()]);
}

/** Of how many ids the first byte is this or less, for every byte. */
function fanOut(first: readonly number[]): number[] {
  let count = 0;
  return Array.from({ length: 256 }, (_, byte) => {
    while ((first[count] ?? 256) <= byte) count++;
    return count;
  });
}

function numbers(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, 4 * at);
  return bytes;
}
