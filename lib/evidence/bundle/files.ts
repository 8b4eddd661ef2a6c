import type { BundleFile, Evidence } from './evidence.ts';

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

/** Every part of a bundle but manifest.json, its signature and SHA256SUMS. A new part is one entry here. */
export const PARTS: readonly BundlePart[] = [evidenceDocument, records];

/** The files of a bundle in the order of their paths, without manifest.json, its signature and SHA256SUMS. */
export async function filesOf(evidence: Evidence, making: Making): Promise<BundleFile[]> {
  const made = await Promise.all(PARTS.map((part) => part(evidence, making)));
  return made.flat().sort((a, b) => (a.path < b.path ? -1 : 1));
}

export function textFile(path: string, text: string): BundleFile {
  return { path, bytes: Buffer.from(text, 'utf8') };
}

function evidenceDocument({ document }: Evidence): BundleFile[] {
  return [textFile('evidence.json', `${JSON.stringify(document, null, 2)}\n`)];
}

function records({ notes }: Evidence): BundleFile[] {
  return notes.map(({ object, lines }) =>
    textFile(`records/${object}.jsonl`, lines.map((line) => `${line}\n`).join('')),
  );
}
