import { inflateSync } from 'node:zlib';

const TYPES = { ofsDelta: 6, refDelta: 7 };
const HEADER_BYTES = 12;
const TRAILER_BYTES = 20;

/** What objects may come to, inflated. */
export interface PackLimits {
  /** One of them. */
  readonly object: number;
  /** All of them, deltas applied. */
  readonly total: number;
}

/** Looks through a pack before anything is built from it; what is wrong with it, in a few words, or null. */
export function packProblem(pack: Buffer, limits: PackLimits): string | null {
  if (pack.toString('latin1', 0, 4) !== 'PACK' || pack.length < HEADER_BYTES + TRAILER_BYTES)
    return 'it is none';
  let at = HEADER_BYTES;
  let total = 0;
  for (let left = pack.readUInt32BE(8); left > 0; left--) {
    const entry = entryAt(pack, at, limits.object);
    if (entry === null) return 'it is damaged, or holds an object that is too large';
    total += entry.size;
    if (entry.size > limits.object || total > limits.total) return 'its objects are too large';
    at = entry.end;
  }
  return at === pack.length - TRAILER_BYTES ? null : 'something follows it';
}

interface Entry {
  /** Of the object, as it is once deltas are applied. */
  readonly size: number;
  readonly end: number;
}

function entryAt(pack: Buffer, start: number, most: number): Entry | null {
  const first = pack[start] ?? 0;
  const type = (first >> 4) & 7;
  const head = first < 128 ? { value: 0, end: start + 1 } : numberAt(pack, start + 1);
  if (head === null) return null;
  const size = head.value * 16 + (first & 15);
  const data = dataAt(pack, type, head.end);
  if (data === null || size > most) return null;
  const inflated = inflate(pack.subarray(data), size);
  if (inflated === null) return null;
  const isDelta = type === TYPES.ofsDelta || type === TYPES.refDelta;
  const result = isDelta ? resultSize(inflated.bytes) : size;
  return result === null ? null : { size: result, end: data + inflated.used };
}

/** Seven bits a byte, the lowest first. */
function numberAt(bytes: Buffer, start: number): { readonly value: number; readonly end: number } | null {
  let value = 0;
  for (let at = start; at < start + 7; at++) {
    const byte = bytes[at];
    if (byte === undefined) return null;
    value += (byte & 127) * 2 ** (7 * (at - start));
    if (byte < 128) return { value, end: at + 1 };
  }
  return null;
}

/** Where the compressed part begins: of a delta, behind what names its base. */
function dataAt(pack: Buffer, type: number, at: number): number | null {
  if (type === TYPES.refDelta) return at + 20;
  if (type !== TYPES.ofsDelta) return type >= 1 && type <= 4 ? at : null;
  return numberAt(pack, at)?.end ?? null;
}

/** A delta says first how long its base is, then how long what it makes. */
function resultSize(delta: Buffer): number | null {
  const base = numberAt(delta, 0);
  return base === null ? null : (numberAt(delta, base.end)?.value ?? null);
}

function inflate(bytes: Buffer, size: number): { readonly bytes: Buffer; readonly used: number } | null {
  try {
    const options = { maxOutputLength: Math.max(1, size), info: true };
    const done = inflateSync(bytes, options) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    return done.buffer.length === size ? { bytes: done.buffer, used: done.engine.bytesWritten } : null;
  } catch {
    return null;
  }
}
