import { createHash } from 'node:crypto';
import type { EvidenceDocument } from '../../lib/core/generated/evidence-v1.types.ts';
import { renderPage } from '../../lib/evidence/page/page.ts';
import type { ZipFile } from './zip.ts';

const sha256 = (content: Uint8Array | string): string => createHash('sha256').update(content).digest('hex');

/** The files of a small bundle about a document: what a page checks, in the order a bundle has them. */
export function bundleFiles(
  evidence: EvidenceDocument,
  diffs: ReadonlyMap<string, string>,
  records: readonly string[],
): ZipFile[] {
  const content: [string, string][] = [
    ['README.md', '# Evidence\n'],
    ['evidence.json', `${JSON.stringify(evidence, null, 2)}\n`],
    ['index.html', renderPage(evidence, diffs)],
    ['texts.json', '{"texts":[]}\n'],
    [`records/${'ab'.repeat(20)}.jsonl`, records.map((line) => `${line}\n`).join('')],
    ...[...diffs].map(([commit, diff]): [string, string] => [`diffs/${commit}.diff`, diff]),
  ];
  return withManifest(content.map(([path, text]) => ({ path, content: text })));
}

/** With the manifest and the sums that belong to the files. */
export function withManifest(files: readonly ZipFile[]): ZipFile[] {
  const listed = files.map(({ path, content }) => ({
    path,
    size: Buffer.byteLength(content),
    sha256: sha256(content),
  }));
  const manifest = `${JSON.stringify({ schema: 'agent-log/bundle/v1', files: listed })}\n`;
  const sums = [...listed, { path: 'manifest.json', sha256: sha256(manifest) }];
  return [
    ...files,
    { path: 'manifest.json', content: manifest },
    { path: 'SHA256SUMS', content: sums.map((one) => `${one.sha256}  ${one.path}\n`).join('') },
  ];
}
