import { controlsDocument } from '../controls/controls.ts';
import type { Controlled } from '../controls/topics.ts';
import { type Attested, attestationLines, type SignBytes } from './lines.ts';

/** A file of a bundle. */
interface PartFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** attestations.intoto.jsonl of a bundle. */
export async function attestationsPart(
  evidence: Attested,
  { sign }: { readonly sign: SignBytes | null },
): Promise<PartFile[]> {
  const lines = await attestationLines(evidence, sign);
  const text = lines.map((line) => `${line}\n`).join('');
  return [{ path: 'attestations.intoto.jsonl', bytes: Buffer.from(text, 'utf8') }];
}

/** controls.json of a bundle. */
export function controlsPart(evidence: Controlled): PartFile[] {
  const text = `${JSON.stringify(controlsDocument(evidence), null, 2)}\n`;
  return [{ path: 'controls.json', bytes: Buffer.from(text, 'utf8') }];
}
