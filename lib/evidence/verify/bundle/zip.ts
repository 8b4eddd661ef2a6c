import { crc32, inflateRawSync } from 'node:zlib';
import { AgentLogError } from '../../../core/errors.ts';

/** One file of a zip, as both of its headers tell it. */
export interface ZipEntry {
  readonly path: string;
  readonly size: number;
  readonly compressedSize: number;
  readonly crc: number;
  readonly isDeflated: boolean;
  /** Where its bytes begin. */
  readonly start: number;
}

const END = { signature: 0x06054b50, bytes: 22 };
const CENTRAL = { signature: 0x02014b50, bytes: 46 };
const LOCAL = { signature: 0x04034b50, bytes: 30 };
const MOST_FILES = 50_000;
const MB = 1024 * 1024;
const MAX_FILE_BYTES = 256 * MB;
/** What is decoded whole takes several times its size in memory. */
const MAX_TEXT_BYTES = 64 * MB;
const MAX_MANIFEST_BYTES = 16 * MB;
const MAX_ALL_BYTES = 1024 * 1024 * 1024;
/** Texts shrink to a tenth, seldom to a hundredth: what is far beyond that and large was made to be. */
const MOST_RATIO = 300;
const SMALL_BYTES = 8 * 1024 * 1024;
/** The names are in UTF-8, and how hard it was tried to compress. */
const HARMLESS_FLAGS = 0x0806;
const MODE_KIND = 0xf000;
const REGULAR = 0x8000;

/**
 * Reads a zip's directory, as strictly as can be: what two programs might read differently is refused. No two files of one name
 * in whatever case, no bytes that belong to no file, both headers the same, no links, folders, encryption, comments, extra
 * fields, or sizes beyond 32 bits. Throws BAD_BUNDLE.
 */
export function readZip(zip: Buffer): ZipEntry[] {
  const { count, start, size } = readEnd(zip);
  const entries: ZipEntry[] = [];
  let at = start;
  let next = 0;
  let all = 0;
  for (let i = 0; i < count; i++) {
    const { entry, length } = readEntry(zip, at, next);
    entries.push(entry);
    at += length;
    next = entry.start + entry.compressedSize;
    all += entry.size;
    if (all > MAX_ALL_BYTES) throw bad(`its files come to more than ${MAX_ALL_BYTES} bytes`);
  }
  if (at !== start + size) throw bad('its directory is not as long as it says');
  if (next !== start) throw bad('there are bytes in it that belong to no file');
  expectDistinct(entries.map(({ path }) => path));
  return entries;
}

/** The bytes of one file. Throws BAD_BUNDLE when they are not what the directory says. */
export function readZipEntry(zip: Buffer, entry: ZipEntry): Buffer {
  const { path, start, size, compressedSize, crc, isDeflated } = entry;
  const stored = zip.subarray(start, start + compressedSize);
  const bytes = isDeflated ? inflated(stored, path, size) : stored;
  if (bytes.length !== size) throw bad(`${path} is ${bytes.length} bytes, and its directory says ${size}`);
  if (crc32(bytes) !== crc) throw bad(`${path} is damaged: its checksum is another`);
  return bytes;
}

function inflated(stored: Buffer, path: string, size: number): Buffer {
  try {
    const { buffer, engine } = inflateRawSync(stored, {
      maxOutputLength: Math.max(1, size),
      info: true,
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
    if (engine.bytesWritten === stored.length) return buffer;
  } catch (cause) {
    throw bad(`${path} can't be unpacked to the ${size} bytes it should have`, cause);
  }
  throw bad(`${path} ends before its place in the zip does`);
}

function readEnd(zip: Buffer): { count: number; start: number; size: number } {
  const at = zip.length - END.bytes;
  if (at < 0 || zip.readUInt32LE(at) !== END.signature)
    throw bad('it does not end as a zip does: it is cut off, or something follows it');
  const [disk, startDisk, here, count] = [4, 6, 8, 10].map((offset) => zip.readUInt16LE(at + offset));
  const [size, start] = [zip.readUInt32LE(at + 12), zip.readUInt32LE(at + 16)];
  if (zip.readUInt16LE(at + 20) !== 0) throw bad('it has a comment');
  if (disk !== 0 || startDisk !== 0 || here !== count || count === undefined)
    throw bad('it is in several parts');
  if (start + size !== at) throw bad('its directory is not where it says, or something lies behind it');
  if (count > MOST_FILES) throw bad(`it has more than ${MOST_FILES} files`);
  return { count, start, size };
}

function readEntry(zip: Buffer, at: number, expected: number): { entry: ZipEntry; length: number } {
  if (at + CENTRAL.bytes > zip.length || zip.readUInt32LE(at) !== CENTRAL.signature)
    throw bad('its directory is damaged');
  const u16 = (offset: number): number => zip.readUInt16LE(at + offset);
  const u32 = (offset: number): number => zip.readUInt32LE(at + offset);
  const name = zip.subarray(at + CENTRAL.bytes, at + CENTRAL.bytes + u16(28));
  const path = name.toString('latin1');
  expectPath(path);
  if (u16(30) !== 0 || u16(32) !== 0) throw bad(`${path} has extra fields or a comment`);
  if (u16(34) !== 0) throw bad(`${path} is in another part`);
  if ((u16(8) & ~HARMLESS_FLAGS) !== 0) throw bad(`${path} is encrypted, or its sizes come after it`);
  const method = u16(10);
  if (method !== 0 && method !== 8) throw bad(`${path} is packed in a way that is not known (${method})`);
  const kind = (u32(38) >>> 16) & MODE_KIND;
  if (kind !== 0 && kind !== REGULAR) throw bad(`${path} is no plain file: a link, a folder or a device`);
  const [crc, compressedSize, size, start] = [u32(16), u32(20), u32(24), u32(42)];
  if (start !== expected)
    throw bad(`${path} is not where the one before it ends: files overlap, or something lies between`);
  if (method === 0 && size !== compressedSize) throw bad(`${path} has two sizes`);
  expectSize(path, size, compressedSize);
  const header = zip.subarray(start, start + LOCAL.bytes);
  const same =
    header.length === LOCAL.bytes &&
    header.readUInt32LE(0) === LOCAL.signature &&
    isSame(zip, at, start, name);
  if (!same) throw bad(`${path} is told of otherwise in the directory than where it lies`);
  const begin = start + LOCAL.bytes + name.length;
  if (begin + compressedSize > zip.length) throw bad(`${path} is cut off`);
  const entry = { path, size, compressedSize, crc, isDeflated: method === 8, start: begin };
  return { entry, length: CENTRAL.bytes + name.length };
}

/** Flags, method, checksum, sizes and name, byte for byte; the time is nobody's claim, and has to be the same all the same. */
function isSame(zip: Buffer, central: number, local: number, name: Buffer): boolean {
  const fields = zip.subarray(central + 6, central + 28).equals(zip.subarray(local + 4, local + 26));
  const lengths = zip.readUInt16LE(local + 26) === name.length && zip.readUInt16LE(local + 28) === 0;
  return (
    fields && lengths && zip.subarray(local + LOCAL.bytes, local + LOCAL.bytes + name.length).equals(name)
  );
}

function expectSize(path: string, size: number, compressedSize: number): void {
  const most = mostBytes(path);
  if (size > most) throw bad(`${path} is over ${most} bytes`);
  if (size > SMALL_BYTES && size > compressedSize * MOST_RATIO)
    throw bad(`${path} would unpack to ${Math.round(size / compressedSize)} times its size`);
}

/** Bytes a file of a bundle may have. */
export function mostBytes(path: string): number {
  if (path === 'manifest.json') return MAX_MANIFEST_BYTES;
  return /\.(json|jsonl)$/.test(path) ? MAX_TEXT_BYTES : MAX_FILE_BYTES;
}

const PATH = /^[A-Za-z0-9._-]{1,200}(\/[A-Za-z0-9._-]{1,200}){0,20}$/;

/** Only names that mean one file, in one folder, on every system. Throws BAD_BUNDLE. */
export function expectPath(path: string): void {
  const segments = path.split('/');
  const isPlain =
    PATH.test(path) && !segments.some((one) => one === '.' || one === '..' || one.endsWith('.'));
  if (!isPlain)
    throw bad(`it holds a file called ${JSON.stringify(path.slice(0, 200))}, which is no name for one`);
}

/** Throws BAD_BUNDLE for two names that are one where case does not count, and for a file where others have a folder. */
export function expectDistinct(paths: readonly string[]): void {
  const folded = new Set<string>();
  const folders = new Map<string, string>();
  for (const path of paths) {
    const name = path.toLowerCase();
    if (folded.has(name)) throw bad(`it holds ${path} twice, in whatever case`);
    folded.add(name);
    for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) {
      const folder = path.slice(0, end);
      const known = folders.get(folder.toLowerCase());
      if (known !== undefined && known !== folder)
        throw bad(`it has the folder ${folder} twice, in whatever case`);
      folders.set(folder.toLowerCase(), folder);
    }
  }
  for (const folder of folders.keys()) if (folded.has(folder)) throw bad(`${folder} is a file and a folder`);
}

export function bad(why: string, cause?: unknown): AgentLogError {
  return new AgentLogError('BAD_BUNDLE', 'integrity', `the bundle can't be read: ${why}`, {
    cause,
    hints: [
      'Get it again from whoever made it. What is damaged, or made to be read in two ways, is not read at all.',
    ],
  });
}
