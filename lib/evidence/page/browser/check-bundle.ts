import { drawnText } from '../drawn-text.ts';
import { sha256Hex } from './sha256.ts';
import type { BundleEntry } from './zip.ts';

/** What the page was drawn from. */
export interface Drawn {
  /** `sha256:…` of evidence.json as canonical JSON. */
  readonly evidence: string;
  /** Digests of the records that are drawn. */
  readonly records: readonly string[];
  /** `sha256:…` of the diffs that are drawn, as text, by commit. */
  readonly diffs: Readonly<Record<string, string>>;
}

export interface CheckedFile {
  readonly path: string;
  readonly isGood: boolean;
  readonly says: string;
}

export interface Claim {
  readonly isGood: boolean;
  readonly says: string;
}

export interface Checked {
  readonly files: readonly CheckedFile[];
  readonly claims: readonly Claim[];
}

interface Listed {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

/** Files the manifest cannot list: itself, what signs it, and what lists it. */
const UNLISTED: ReadonlySet<string> = new Set(['manifest.json', 'manifest.json.sig', 'SHA256SUMS']);

/**
 * Compares each file of a bundle with its manifest, and what is drawn with what is in it. Throws Error where there is no
 * manifest to compare with. `onFile` is told how many files are done.
 */
export async function checkBundle(
  entries: readonly BundleEntry[],
  drawn: Drawn,
  onFile: (done: number, of: number) => void,
): Promise<Checked> {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  const listed = await readManifest(byPath);
  const files: CheckedFile[] = [];
  for (const one of listed) {
    files.push(await checkFile(one, byPath.get(one.path)));
    onFile(files.length, listed.length);
  }
  const known = new Set(listed.map(({ path }) => path));
  for (const { path } of entries)
    if (!known.has(path) && !UNLISTED.has(path))
      files.push({ path, isGood: false, says: 'the manifest does not list it' });
  const claims = [
    await checkSums(byPath, listed),
    await checkEvidence(byPath, drawn),
    await checkRecords(entries, drawn),
    await checkDiffs(byPath, drawn),
  ];
  return { files, claims };
}

async function readManifest(byPath: ReadonlyMap<string, BundleEntry>): Promise<Listed[]> {
  const text = await textOf(byPath.get('manifest.json'));
  if (text === null) throw new Error('there is no manifest.json in it: it is not a bundle');
  const manifest = JSON.parse(text) as { readonly schema?: unknown; readonly files?: unknown };
  const { files } = manifest;
  if (manifest.schema !== 'agent-log/bundle/v1' || !Array.isArray(files) || !files.every(isListed))
    throw new Error('its manifest.json is not the manifest of a bundle');
  if (new Set(files.map(({ path }) => path)).size !== files.length)
    throw new Error('its manifest.json lists a file twice');
  return files;
}

function isListed(value: unknown): value is Listed {
  const { path, size, sha256 } = (value ?? {}) as Partial<Record<keyof Listed, unknown>>;
  return (
    typeof path === 'string' &&
    typeof size === 'number' &&
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256)
  );
}

async function checkFile(listed: Listed, entry: BundleEntry | undefined): Promise<CheckedFile> {
  const { path } = listed;
  if (entry === undefined) return { path, isGood: false, says: 'listed, and not there' };
  try {
    const bytes = await entry.bytes();
    if (bytes.byteLength !== listed.size)
      return { path, isGood: false, says: `${bytes.byteLength} bytes instead of ${listed.size}` };
    const isGood = (await sha256Hex(bytes)) === listed.sha256;
    return { path, isGood, says: isGood ? 'as listed' : 'its content is not what the manifest lists' };
  } catch (error) {
    return { path, isGood: false, says: `cannot be read: ${messageOf(error)}` };
  }
}

/** SHA256SUMS lists the same files with the same digests, and the manifest. */
async function checkSums(
  byPath: ReadonlyMap<string, BundleEntry>,
  listed: readonly Listed[],
): Promise<Claim> {
  const text = await textOf(byPath.get('SHA256SUMS'));
  if (text === null) return { isGood: false, says: 'SHA256SUMS is not there' };
  const manifest = await byPath.get('manifest.json')?.bytes();
  const wanted = new Map(listed.map(({ path, sha256 }) => [path, sha256]));
  if (manifest !== undefined) wanted.set('manifest.json', await sha256Hex(manifest));
  const lines = text.split('\n').filter((line) => line !== '');
  const isGood =
    lines.length === wanted.size && lines.every((line) => wanted.get(line.slice(66)) === line.slice(0, 64));
  return {
    isGood,
    says: isGood ? 'SHA256SUMS and manifest.json agree' : 'SHA256SUMS and manifest.json do not agree',
  };
}

/** The page shows what evidence.json of these files says. */
async function checkEvidence(byPath: ReadonlyMap<string, BundleEntry>, drawn: Drawn): Promise<Claim> {
  const other = { isGood: false, says: 'evidence.json is not what this page was drawn from' };
  try {
    const text = await textOf(byPath.get('evidence.json'));
    if (text === null) return { isGood: false, says: 'evidence.json is not there' };
    const canonical = new TextEncoder().encode(drawnText(JSON.parse(text) as object));
    const isGood = `sha256:${await sha256Hex(canonical)}` === drawn.evidence;
    return isGood ? { isGood, says: 'evidence.json is what this page was drawn from' } : other;
  } catch {
    return other;
  }
}

/** Every record that is drawn is a line of the ledger's notes in the bundle. */
async function checkRecords(entries: readonly BundleEntry[], drawn: Drawn): Promise<Claim> {
  const found = new Set<string>();
  for (const entry of entries.filter(({ path }) => /^records\/.+\.jsonl$/.test(path))) {
    const text = (await textOf(entry)) ?? '';
    for (const line of text.split('\n'))
      found.add(`sha256:${await sha256Hex(new TextEncoder().encode(line))}`);
  }
  const lost = drawn.records.filter((digest) => !found.has(digest)).length;
  const n = drawn.records.length;
  const isGood = lost === 0;
  return {
    isGood,
    says: isGood
      ? `${n} of ${n} records drawn here are lines of the bundle`
      : `${lost} of ${n} records drawn here are not in the bundle`,
  };
}

/** Every diff that is drawn is a file of the bundle. */
async function checkDiffs(byPath: ReadonlyMap<string, BundleEntry>, drawn: Drawn): Promise<Claim> {
  const wanted = Object.entries(drawn.diffs);
  let lost = 0;
  for (const [commit, digest] of wanted) {
    const text = await textOf(byPath.get(`diffs/${commit}.diff`));
    const is = text === null ? null : await sha256Hex(new TextEncoder().encode(text));
    if (`sha256:${is}` !== digest) lost++;
  }
  const n = wanted.length;
  const isGood = lost === 0;
  return {
    isGood,
    says: isGood
      ? `${n} of ${n} diffs drawn here are those of the bundle`
      : `${lost} of ${n} diffs drawn here are not those of the bundle`,
  };
}

async function textOf(entry: BundleEntry | undefined): Promise<string | null> {
  try {
    return entry === undefined
      ? null
      : new TextDecoder('utf-8', { ignoreBOM: true }).decode(await entry.bytes());
  } catch {
    return null;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
