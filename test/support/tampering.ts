import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import type { BundleManifest } from '../../lib/core/generated/bundle-v1.types.ts';
import type { EvidenceDocument } from '../../lib/core/generated/evidence-v1.types.ts';
import { validate as isEvidence } from '../../lib/core/generated/evidence-v1.validate.ts';
import { attestationsPart } from '../../lib/evidence/attest/parts.ts';
import { readings } from '../../lib/evidence/bundle/readings.ts';
import { parseManifest } from '../../lib/evidence/verify/bundle/manifest.ts';
import { readableOf } from '../../lib/evidence/verify/bundle/readings.ts';

/** The files of a bundle, for somebody to change. */
export type BundleFiles = Map<string, Buffer>;

export function readJson(files: BundleFiles, path: string): unknown {
  return JSON.parse(files.get(path)?.toString('utf8') ?? '');
}

export function writeJson(files: BundleFiles, path: string, value: unknown): void {
  files.set(path, Buffer.from(`${JSON.stringify(value, null, 2)}\n`));
}

/** Changes evidence.json. */
export function onEvidence(files: BundleFiles, change: (document: EvidenceDocument) => void): void {
  const document = readJson(files, 'evidence.json') as EvidenceDocument;
  change(document);
  writeJson(files, 'evidence.json', document);
}

/** Changes manifest.json, its digests aside. */
export function onManifest(files: BundleFiles, change: (manifest: BundleManifest) => void): void {
  const manifest = readJson(files, 'manifest.json') as BundleManifest;
  change(manifest);
  writeJson(files, 'manifest.json', manifest);
}

/** Changes a file as text. */
export function onText(files: BundleFiles, path: string, change: (text: string) => string): void {
  files.set(path, Buffer.from(change(files.get(path)?.toString('utf8') ?? '')));
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const OWN = new Set(['manifest.json', 'manifest.json.sig', 'SHA256SUMS']);

/** Makes page, README, lists and statements anew from what the files hold, as a forger would who has this program. */
export async function redraw(files: BundleFiles): Promise<void> {
  files.delete('manifest.json.sig');
  const parsed = parseManifest(files.get('manifest.json') ?? Buffer.alloc(0));
  const evidence = files.has('evidence.json') ? readJson(files, 'evidence.json') : null;
  if (typeof parsed === 'string' || !isEvidence(evidence)) return;
  const source = { paths: [...files.keys()], read: async (path: string) => files.get(path) ?? null };
  const readable = await readableOf(source, {
    manifest: parsed,
    evidence: evidence as EvidenceDocument,
  });
  const statements = await attestationsPart(readable, { sign: null });
  for (const { path, bytes } of [...readings(readable, false), ...statements])
    files.set(path, Buffer.from(bytes));
}

/** Makes every digest right again, as a forger would. Nobody signs it any more. */
export function reforge(files: BundleFiles): void {
  files.delete('manifest.json.sig');
  onManifest(files, (manifest) => {
    manifest.files = [...files]
      .filter(([path]) => !OWN.has(path))
      .map(([path, bytes]) => ({ path, size: bytes.length, sha256: sha256(bytes) }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  });
  const sums = [...files].filter(([path]) => path !== 'SHA256SUMS' && path !== 'manifest.json.sig');
  files.set('SHA256SUMS', Buffer.from(sums.map(([path, bytes]) => `${sha256(bytes)}  ${path}\n`).join('')));
}

/** A folder that goes with the test. */
export async function folderForTest(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'agent-log-tampered-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

export async function writeFolder(folder: string, files: BundleFiles): Promise<string> {
  const to = join(folder, 'bundle');
  await mkdir(to);
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await writeFile(join(to, path), bytes);
  }
  return to;
}

/** One entry of a zip as somebody wants it told; what is left out is as it should be. */
export interface ForgedEntry {
  readonly name: string;
  readonly bytes: Buffer;
  readonly stored?: boolean;
  readonly packed?: Buffer;
  readonly flags?: number;
  readonly method?: number;
  readonly crc?: number;
  readonly size?: number;
  readonly attributes?: number;
  readonly extra?: Buffer;
  readonly comment?: string;
  readonly disk?: number;
  readonly offset?: number;
  /** Where it lies, told otherwise than in the directory. */
  readonly local?: {
    readonly name?: string;
    readonly size?: number;
    readonly crc?: number;
    readonly extra?: Buffer;
  };
  /** Bytes before it that belong to nothing. */
  readonly before?: Buffer;
}

export interface ForgedEnd {
  readonly count?: number;
  readonly disk?: number;
  readonly comment?: string;
  readonly offset?: number;
  readonly after?: Buffer;
}

const u16 = (...values: number[]): Buffer => numbers(2, values);
const u32 = (...values: number[]): Buffer => numbers(4, values);

function numbers(bytes: 2 | 4, values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(bytes * values.length);
  for (const [i, value] of values.entries()) buffer.writeUIntLE(value, i * bytes, bytes);
  return buffer;
}

/** A zip put together by hand, right or wrong. */
export function forgeZip(entries: readonly ForgedEntry[], end: ForgedEnd = {}): Buffer {
  const [data, directory]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const entry of entries) {
    const {
      bytes,
      flags = 0,
      stored = false,
      extra = Buffer.alloc(0),
      comment = '',
      disk = 0,
      local = {},
    } = entry;
    const method = entry.method ?? (stored ? 0 : 8);
    const packed = entry.packed ?? (stored ? bytes : deflateRawSync(bytes, { level: 9 }));
    const [crc, size] = [entry.crc ?? crc32(bytes), entry.size ?? bytes.length];
    const name = Buffer.from(entry.name, 'latin1');
    const localName = Buffer.from(local.name ?? entry.name, 'latin1');
    const localExtra = local.extra ?? Buffer.alloc(0);
    if (entry.before) data.push(entry.before);
    at += entry.before?.length ?? 0;
    const head = Buffer.concat([
      u32(0x04034b50),
      u16(20, flags, method, 0, 33),
      u32(local.crc ?? crc, packed.length, local.size ?? size),
      u16(localName.length, localExtra.length),
      localName,
      localExtra,
    ]);
    directory.push(
      Buffer.concat([
        u32(0x02014b50),
        u16(0x0314, 20, flags, method, 0, 33),
        u32(crc, packed.length, size),
        u16(name.length, extra.length, comment.length, disk, 0),
        u32(entry.attributes ?? 0o100600 * 0x10000, entry.offset ?? at),
        name,
        extra,
        Buffer.from(comment),
      ]),
    );
    data.push(head, packed);
    at += head.length + packed.length;
  }
  const list = Buffer.concat(directory);
  const { count = entries.length, disk = 0, comment = '', offset = at, after = Buffer.alloc(0) } = end;
  const tail = [
    u32(0x06054b50),
    u16(disk, disk, count, count),
    u32(list.length, offset),
    u16(comment.length),
    Buffer.from(comment),
  ];
  return Buffer.concat([...data, list, ...tail, after]);
}

export function entriesOf(files: BundleFiles): ForgedEntry[] {
  return [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, bytes]) => ({ name, bytes }));
}
