import { inflateSync } from 'node:zlib';

const HEADER_BYTES = 12;
const MOST_OBJECTS = 500_000;
const MAX_OBJECT_BYTES = 64 * 1024 * 1024;
const MAX_ALL_BYTES = 512 * 1024 * 1024;
/** No object's header is longer: type, size, and what a delta is on. */
const MAX_HEAD_BYTES = 64;

type Kind = 'object' | 'offset-delta' | 'delta';

interface Head {
  readonly kind: Kind;
  readonly size: number;
  /** Where its packed bytes begin. */
  readonly start: number;
}

/** Why git is not handed a pack. */
export interface PackProblem {
  readonly says: string;
  /** It may be in order, and is more than is looked at here. */
  readonly isTooMuch: boolean;
}

/** The same as text. */
export function overPackLimit(pack: Buffer, trailerBytes: number): string | null {
  return packProblem(pack, trailerBytes)?.says ?? null;
}

/**
 * What git would have to unpack, before git is handed the pack: how many objects, how large each and all of them. Null when that is
 * within bounds, else what is not. What is wrong in other ways git says.
 */
export function packProblem(pack: Buffer, trailerBytes: number): PackProblem | null {
  if (pack.length < HEADER_BYTES + trailerBytes || pack.toString('latin1', 0, 4) !== 'PACK')
    return wrong('it is no pack');
  const count = pack.readUInt32BE(8);
  if (count > MOST_OBJECTS) return tooMuch(`it holds more than ${MOST_OBJECTS} objects`);
  const end = pack.length - trailerBytes;
  let at = HEADER_BYTES;
  let all = 0;
  for (let i = 0; i < count; i++) {
    const head = readHead(pack, at, end, trailerBytes);
    if (head === null) return wrong('it is cut off, or an object in it has no header');
    const found = unpacked(pack.subarray(head.start, end), head.size);
    if (found === null) return wrong('an object in it is not what its header says, or too large');
    const size = head.kind === 'object' ? head.size : resultSize(found.bytes);
    all += size;
    if (size > MAX_OBJECT_BYTES) return tooMuch(`an object in it is over ${MAX_OBJECT_BYTES} bytes`);
    if (all > MAX_ALL_BYTES) return tooMuch(`its objects come to more than ${MAX_ALL_BYTES} bytes`);
    at = head.start + found.packed;
  }
  return at === end ? null : wrong('something follows its objects');
}

const wrong = (says: string): PackProblem => ({ says, isTooMuch: false });
const tooMuch = (says: string): PackProblem => ({ says, isTooMuch: true });

function readHead(pack: Buffer, at: number, end: number, oidBytes: number): Head | null {
  const byte = (i: number): number => (i < end ? (pack[i] ?? 0) : 0);
  const first = byte(at);
  const kind = KINDS[(first >> 4) & 7];
  if (kind === undefined || at >= end) return null;
  let size = first & 15;
  let i = at;
  for (let scale = 16; (byte(i) & 128) !== 0; scale *= 128) {
    i++;
    size += (byte(i) & 127) * scale;
    if (i - at > 8) return null;
  }
  i++;
  if (kind === 'delta') i += oidBytes;
  if (kind === 'offset-delta') {
    while ((byte(i) & 128) !== 0 && i - at < MAX_HEAD_BYTES) i++;
    i++;
  }
  return i >= end || size > MAX_OBJECT_BYTES ? null : { kind, size, start: i };
}

const KINDS: readonly (Kind | undefined)[] = [
  undefined,
  'object',
  'object',
  'object',
  'object',
  undefined,
  'offset-delta',
  'delta',
];

function unpacked(from: Buffer, size: number): { bytes: Buffer; packed: number } | null {
  try {
    const { buffer, engine } = inflateSync(from, {
      maxOutputLength: Math.max(1, size),
      info: true,
    }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    return buffer.length === size ? { bytes: buffer, packed: engine.bytesWritten } : null;
  } catch {
    return null;
  }
}

/** A delta says what it is on, and how large what comes of it is. */
function resultSize(delta: Buffer): number {
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let scale = 1; at < delta.length && at < 20; scale *= 128) {
      const byte = delta[at++] ?? 0;
      value += (byte & 127) * scale;
      if ((byte & 128) === 0) break;
    }
    return value;
  };
  number();
  return number();
}
