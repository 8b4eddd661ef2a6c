import { hash } from 'node:crypto';
import type { BundleManifest } from '../../../core/generated/bundle-v1.types.ts';
import { validate } from '../../../core/generated/bundle-v1.validate.ts';
import { parseStrictJson } from '../../../core/json/strict.ts';
import { verifySshSignature } from '../../../identity/signatures/verify.ts';
import type { Report } from '../report.ts';
import { makersOf, type TrustFile } from '../trust.ts';
import type { BundleSource } from './source.ts';

export type { BundleManifest };

const MANIFEST = 'manifest.json';
export const SIGNATURE = 'manifest.json.sig';
const SUMS = 'SHA256SUMS';
const NAMESPACE = 'bundle@git-agent-log';
const LIMITS = { depth: 20, values: 2_000_000 };
const MAX_BYTES = 64 * 1024 * 1024;

/** Reads the manifest; null when there is none to go on from. What is wrong with it is told. */
export async function readManifest(source: BundleSource, report: Report): Promise<BundleManifest | null> {
  report.checked('manifest');
  const bytes = await source.read(MANIFEST);
  const problem = bytes === null ? 'there is no manifest.json' : null;
  const manifest = bytes === null ? null : parseManifest(bytes);
  if (typeof manifest === 'object' && manifest !== null) return manifest;
  report.fails('manifest', MANIFEST, problem ?? String(manifest));
  return null;
}

/** The manifest in some bytes, or what is wrong with it. Never throws. */
export function parseManifest(bytes: Uint8Array): BundleManifest | string {
  if (bytes.length > MAX_BYTES) return `it is over ${MAX_BYTES} bytes`;
  const value = parseBounded(bytes);
  if (typeof value === 'string') return value;
  if (!validate(value)) {
    const error = validate.errors?.[0];
    return `it is not as its schema says: ${error?.instancePath || '/'} ${error?.message ?? ''}`;
  }
  const manifest = value as BundleManifest;
  const isLength = ({ length }: string): boolean =>
    (length === 40) === (manifest.repository.format === 'sha1');
  const oids = [...manifest.commits, ...manifest.objects.flatMap(({ object, blob }) => [object, blob])];
  if (!oids.every(isLength)) return 'its object ids are not of the format it tells';
  return manifest;
}

/** The value of a JSON file of a bundle, or why it is none, as a text. */
export function parseBounded(bytes: Uint8Array): object | string {
  return parseStrictJson(bytes, LIMITS);
}

/** Every file has the bytes the manifest names, every file is named, and SHA256SUMS says the same. */
export async function checkFiles(
  source: BundleSource,
  manifest: BundleManifest,
  report: Report,
): Promise<void> {
  const listed = new Map(manifest.files.map((file) => [file.path, file]));
  if (listed.size !== manifest.files.length) report.fails('files', MANIFEST, 'it names a file twice');
  const digests = new Map<string, string>();
  for (const path of source.paths) {
    const bytes = await source.read(path);
    if (bytes === null) continue;
    const digest = hash('sha256', bytes);
    digests.set(path, digest);
    if (UNLISTED.has(path)) continue;
    report.checked('files');
    const file = listed.get(path);
    if (file === undefined) report.fails('files', path, 'the manifest does not name it');
    else if (file.size !== bytes.length || file.sha256 !== digest)
      report.fails('files', path, 'its bytes are not those the manifest names');
  }
  for (const path of listed.keys()) {
    if (UNLISTED.has(path)) report.fails('files', path, 'the manifest names itself, or what is made of it');
    else if (!digests.has(path)) report.fails('files', path, 'it is missing');
  }
  await checkSums(source, digests, report);
}

const UNLISTED: ReadonlySet<string> = new Set([MANIFEST, SIGNATURE, SUMS]);

async function checkSums(
  source: BundleSource,
  digests: ReadonlyMap<string, string>,
  report: Report,
): Promise<void> {
  const text = (await source.read(SUMS))?.toString('latin1');
  if (text === undefined) return report.fails('files', SUMS, 'it is missing');
  const told = new Map<string, string>();
  for (const line of text.split('\n').filter(Boolean)) {
    const [, digest = '', path = ''] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
    if (path === '' || told.has(path))
      report.fails('files', SUMS, `a line of it can't be read: ${line.slice(0, 100)}`);
    else told.set(path, digest);
  }
  for (const [path, digest] of told)
    if (digests.get(path) !== digest)
      report.fails('files', path, 'SHA256SUMS names another digest than it has');
  for (const path of digests.keys())
    if (!told.has(path) && path !== SUMS && path !== SIGNATURE)
      report.fails('files', path, 'SHA256SUMS does not name it');
}

/** Who made the bundle: the signature holds, and by whom it is only somebody with a trust file can tell. */
export async function checkMaker(
  source: BundleSource,
  report: Report,
  trust: TrustFile | null,
): Promise<void> {
  const bytes = (await source.read(MANIFEST)) ?? Buffer.alloc(0);
  if (trust?.manifest !== undefined) {
    report.checked('pinned');
    if (hash('sha256', bytes) !== trust.manifest)
      report.fails('pinned', MANIFEST, 'it is not the one whose digest the trust file names');
  }
  const armored = (await source.read(SIGNATURE))?.toString('latin1');
  const makers = makersOf(trust);
  if (armored === undefined) {
    const isExpected = trust?.signers?.some(({ kind }) => kind === 'maker') === true;
    const says = 'the bundle is not signed: what only its maker says has nobody behind it';
    if (isExpected) report.fails('maker', null, `${says}, and the trust file names who makes them`);
    else report.unknown('maker', null, says);
    return;
  }
  report.checked('maker');
  const { holds, key, why } = verifySshSignature(armored, bytes, NAMESPACE);
  if (!holds || key === null)
    return report.fails('maker', SIGNATURE, `the signature does not hold: ${why ?? ''}`);
  const name = makers?.get(key);
  if (name !== undefined) report.says('maker', `made and signed by ${name}`);
  else if (makers === null)
    report.unknown('maker', key, 'the signature holds; whose key it is a trust file has to say');
  else report.fails('maker', key, 'it is signed with a key of nobody who makes bundles by the trust file');
}

/** The key the manifest is signed with; null where no signature of it holds. */
export async function makerKey(source: BundleSource): Promise<string | null> {
  const armored = (await source.read(SIGNATURE))?.toString('latin1');
  if (armored === undefined) return null;
  const { holds, key } = verifySshSignature(armored, (await source.read(MANIFEST)) ?? '', NAMESPACE);
  return holds ? key : null;
}
