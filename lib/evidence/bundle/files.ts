import { digestHex, recordDigest } from '../../core/digest.ts';
import { attestationsPart } from '../attest/parts.ts';
import { diffPath } from './document.ts';
import type { BundleFile, Evidence } from './evidence.ts';
import { manifestOf } from './manifest.ts';
import { readings } from './readings.ts';
import { signatureFiles } from './signature-files.ts';
import { textFile } from './text-file.ts';

/** Makes files of what was gathered. Must give the same bytes for the same evidence. */
export type BundlePart = (
  evidence: Evidence,
  making: Making,
) => readonly BundleFile[] | Promise<readonly BundleFile[]>;

/** What making a bundle may use besides the evidence. */
export interface Making {
  /** Armoured SSHSIG of bytes under a namespace, with the user's key; null where nothing is to be signed. */
  readonly sign: ((bytes: Uint8Array, namespace: string) => Promise<string>) | null;
}

/** What a bundle's manifest is signed as. */
export const BUNDLE_NAMESPACE = 'bundle@git-agent-log';

/** Every part of a bundle but manifest.json, its signature and SHA256SUMS. A new part is one entry here. */
export const PARTS: readonly BundlePart[] = [
  (evidence, { sign }) => readings(evidence, sign !== null),
  evidenceDocument,
  records,
  diffs,
  texts,
  targetFiles,
  signatureFiles,
  packs,
  attestationsPart,
];

/** All files of a bundle, in the order of their paths. Throws NOT_SIGNED where it is to be signed, and can't be. */
export async function bundleFiles(evidence: Evidence, making: Making): Promise<BundleFile[]> {
  const made = await Promise.all(PARTS.map(async (part) => part(evidence, making)));
  const files = made.flat().sort(byPath);
  const manifest = textFile('manifest.json', `${JSON.stringify(manifestOf(evidence, files), null, 2)}\n`);
  const sums = [...files, manifest].sort(byPath).map(({ path, bytes }) => `${sha256(bytes)}  ${path}\n`);
  const signature =
    making.sign === null
      ? []
      : [textFile('manifest.json.sig', await making.sign(manifest.bytes, BUNDLE_NAMESPACE))];
  return [...files, manifest, ...signature, textFile('SHA256SUMS', sums.join(''))].sort(byPath);
}

/** By their letters' numbers: the same order everywhere. */
function byPath(a: BundleFile, b: BundleFile): number {
  return a.path < b.path ? -1 : Number(a.path > b.path);
}

function sha256(bytes: Uint8Array): string {
  return digestHex(recordDigest(bytes));
}

function evidenceDocument({ document }: Evidence): BundleFile[] {
  return [textFile('evidence.json', `${JSON.stringify(document, null, 2)}\n`)];
}

function records({ notes }: Evidence): BundleFile[] {
  return notes.map(({ object, bytes }) => ({ path: `records/${object}.jsonl`, bytes }));
}

function diffs(evidence: Evidence): BundleFile[] {
  return [...evidence.diffs].map(([commit, bytes]) => ({ path: diffPath(commit), bytes }));
}

function texts({ texts: clear }: Evidence): BundleFile[] {
  if (clear.length === 0) return [];
  const document = { schema: 'agent-log/bundle-texts/v1', texts: clear };
  return [textFile('texts.json', `${JSON.stringify(document, null, 2)}\n`)];
}

function targetFiles({ targetFiles: all }: Evidence): BundleFile[] {
  return all.map(({ commit, path, bytes }) => ({ path: `target/${commit}/${path}`, bytes }));
}

function packs({ proof, history }: Evidence): BundleFile[] {
  return [
    ...(proof === null ? [] : [{ path: 'proof.pack', bytes: proof }]),
    ...(history === null ? [] : [{ path: 'history.bundle', bytes: history }]),
  ];
}
