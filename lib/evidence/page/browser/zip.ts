/** A file of a bundle, wherever it comes from. */
export interface BundleEntry {
  readonly path: string;
  /** Its bytes. Throws where they cannot be had whole. */
  readonly bytes: () => Promise<Uint8Array<ArrayBuffer>>;
}

export interface ZipLimits {
  readonly entries: number;
  readonly fileBytes: number;
  readonly totalBytes: number;
  /** How many times larger than packed a file may be. */
  readonly ratio: number;
}

export const ZIP_LIMITS: ZipLimits = {
  entries: 20_000,
  fileBytes: 512 * 2 ** 20,
  totalBytes: 2 * 2 ** 30,
  ratio: 300,
};

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;

interface Header {
  readonly path: string;
  readonly method: number;
  readonly packed: number;
  readonly size: number;
  readonly at: number;
}

/**
 * Entries of a zip as bundles are made: nothing before, between or behind them, names of plain letters, each once
 * whatever the case, stored or deflated, and both headers of an entry say the same. Throws Error for anything else: a
 * program that unpacks it might see other files than this one.
 */
export function readZip(zip: Uint8Array<ArrayBuffer>): BundleEntry[] {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const headers = readCentral(view);
  checkNames(headers);
  checkSizes(headers);
  checkLocals(view, headers);
  return headers.map((header) => ({ path: header.path, bytes: () => contentOf(zip, header) }));
}

function readCentral(view: DataView): Header[] {
  const end = view.byteLength - 22;
  if (end < 0 || view.getUint32(end, true) !== END) fail('it does not end as a zip without a comment does');
  const count = view.getUint16(end + 10, true);
  const size = view.getUint32(end + 12, true);
  let at = view.getUint32(end + 16, true);
  if (view.getUint32(end + 4, true) !== 0 || view.getUint16(end + 8, true) !== count)
    fail('it is split into several');
  if (at + size !== end) fail('its list of files is not where it says');
  if (count > ZIP_LIMITS.entries) fail(`it has more than ${ZIP_LIMITS.entries} files`);
  const headers: Header[] = [];
  for (let i = 0; i < count; i += 1) {
    const { header, next } = readCentralHeader(view, at, end);
    headers.push(header);
    at = next;
  }
  if (at !== end) fail('its list of files is longer than it says');
  return headers;
}

function readCentralHeader(view: DataView, at: number, end: number): { header: Header; next: number } {
  if (at + 46 > end || view.getUint32(at, true) !== CENTRAL) fail('its list of files is damaged');
  const nameLength = view.getUint16(at + 28, true);
  const next = at + 46 + nameLength;
  if (view.getUint16(at + 30, true) + view.getUint16(at + 32, true) > 0)
    fail('an entry has extra fields or a comment');
  if (next > end) fail('its list of files is damaged');
  const flags = view.getUint16(at + 8, true);
  // Only "the name is UTF-8" may be set: no encryption, no sizes behind the data.
  if ((flags & ~0x0800) !== 0) fail('an entry is encrypted or streamed');
  const header = {
    path: textAt(view, at + 46, nameLength),
    method: view.getUint16(at + 10, true),
    packed: view.getUint32(at + 20, true),
    size: view.getUint32(at + 24, true),
    at: view.getUint32(at + 42, true),
  };
  if (header.method !== 0 && header.method !== 8) fail(`${header.path} is packed in a way no bundle is`);
  return { header, next };
}

const PATH = /^[A-Za-z0-9._-]{1,200}(\/[A-Za-z0-9._-]{1,200}){0,20}$/;

function checkNames(headers: readonly Header[]): void {
  const seen = new Set<string>();
  for (const { path } of headers) {
    if (!PATH.test(path) || path.split('/').some((part) => /^\.+$/.test(part)))
      fail(`a file has a name no bundle has: ${JSON.stringify(path.slice(0, 100))}`);
    const folded = path.toLowerCase();
    if (seen.has(folded)) fail(`two files are called ${path}`);
    seen.add(folded);
  }
}

function checkSizes(headers: readonly Header[]): void {
  let total = 0;
  for (const { path, size, packed } of headers) {
    total += size;
    if (size > ZIP_LIMITS.fileBytes || total > ZIP_LIMITS.totalBytes)
      fail('it would unpack to more than this page reads');
    if (size > 100_000 && size > packed * ZIP_LIMITS.ratio)
      fail(`${path} would unpack to far more than it is`);
  }
}

/** Each entry starts where the one before ends, and says of itself what the list says of it. */
function checkLocals(view: DataView, headers: readonly Header[]): void {
  let next = 0;
  for (const { path, at, packed, size, method } of headers.toSorted((a, b) => a.at - b.at)) {
    if (at !== next || at + 30 > view.byteLength || view.getUint32(at, true) !== LOCAL)
      fail(`something lies before ${path}`);
    const nameLength = view.getUint16(at + 26, true);
    const isSame =
      (view.getUint16(at + 6, true) & ~0x0800) === 0 &&
      view.getUint16(at + 8, true) === method &&
      view.getUint32(at + 18, true) === packed &&
      view.getUint32(at + 22, true) === size &&
      view.getUint16(at + 28, true) === 0 &&
      at + 30 + nameLength <= view.byteLength &&
      textAt(view, at + 30, nameLength) === path;
    if (!isSame) fail(`the two headers of ${path} differ`);
    next = at + 30 + nameLength + packed;
  }
  if (next !== view.getUint32(view.byteLength - 6, true))
    fail('something lies between its files and their list');
}

async function contentOf(zip: Uint8Array<ArrayBuffer>, header: Header): Promise<Uint8Array<ArrayBuffer>> {
  const start = header.at + 30 + header.path.length;
  const packed = zip.subarray(start, start + header.packed);
  const content = header.method === 0 ? packed : await inflate(packed, header.size);
  if (content.byteLength !== header.size) fail('it has another size than the zip says');
  return content;
}

/** Stops as soon as there is more than there may be. */
async function inflate(packed: Uint8Array<ArrayBuffer>, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const content = new Uint8Array(size);
  let at = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (at + part.value.byteLength > size) {
      await reader.cancel();
      fail('it unpacks to more than the zip says');
    }
    content.set(part.value, at);
    at += part.value.byteLength;
  }
  return content.subarray(0, at);
}

function textAt(view: DataView, at: number, length: number): string {
  return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, length));
}

function fail(why: string): never {
  throw new Error(why);
}
