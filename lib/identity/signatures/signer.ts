import type { SignatureRecord } from '../../core/records/record.ts';
import type { GitConfig } from '../../git/repository/config.ts';
import { openpgpSigningKey, signWithGpg } from './openpgp-signature.ts';
import { signingKey, signRecord } from './ssh-signature.ts';

/** Signs a record by its digest. Throws NOT_SIGNED. */
type Sign = (digest: string) => Promise<SignatureRecord>;

/**
 * Signs with the key git signs with, of ssh or of gpg; null where none is set, or it is of another kind. `folder` is a private one, for a file
 * ssh-keygen needs; `now` is milliseconds since 1970.
 */
export function signerWith(
  config: GitConfig,
  env: Readonly<Record<string, string | undefined>>,
  { folder, now }: { readonly folder: string; readonly now: number },
): Sign | null {
  const ssh = signingKey(config, env);
  if (ssh !== null) return (digest) => signRecord(digest, ssh, folder, now);
  const openpgp = openpgpSigningKey(config);
  return openpgp === null ? null : (digest) => signWithGpg(digest, openpgp, env, now);
}
