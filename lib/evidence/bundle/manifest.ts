import { digestHex, recordDigest } from '../../core/digest.ts';
import type { BundleFile, BundleManifest, Evidence } from './evidence.ts';

/** The index of a bundle. `files` are all but the manifest, its signature and SHA256SUMS, in the order of their paths. */
export function manifestOf(
  { tool, document, notes }: Evidence,
  files: readonly BundleFile[],
): BundleManifest {
  const { madeAt, question, repository, ledger, txns, changes, missing } = document;
  return {
    schema: 'agent-log/bundle/v1',
    madeAt,
    tool,
    question,
    repository,
    ledger,
    commits: changes.map(({ commit }) => commit),
    txns: txns.map(({ txn }) => txn),
    objects: notes.map(({ object, path, blob, lines, isWhole }) => ({ object, path, blob, lines, isWhole })),
    files: files.map(({ path, bytes }) => ({
      path,
      size: bytes.length,
      sha256: digestHex(recordDigest(bytes)),
    })),
    missing,
  };
}
