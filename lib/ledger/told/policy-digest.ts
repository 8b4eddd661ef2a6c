import { recordDigest } from '../../core/digest.ts';
import type { ObjectReader } from '../../git/objects/catfile.ts';
import { readRegularFile } from '../../git/trees/regular-file.ts';

export const POLICY_PATH = '.agent-log/policy.yaml';
export const MAX_POLICY_BYTES: number = 1024 * 1024;

/** Digest of the policy file at a commit; null where none is in force. */
export async function policyDigest(reader: ObjectReader, commit: string): Promise<string | null> {
  const file = await readRegularFile(reader, commit, POLICY_PATH, MAX_POLICY_BYTES);
  return file.kind === 'file' ? recordDigest(file.content) : null;
}
