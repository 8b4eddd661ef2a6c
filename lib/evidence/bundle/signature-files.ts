import { digestHex } from '../../core/digest.ts';
import type { SignatureRecord } from '../../core/records/record.ts';
import { openpgpPayload } from '../../identity/signatures/openpgp.ts';
import type { BundleFile, Evidence, SignedRecord } from './evidence.ts';
import { textFile } from './text-file.ts';

/** signatures/ of a bundle: each signed line, what is signed of it, and the signatures as their own programs read them. */
export function signatureFiles({ signed, allowedSigners, openpgpKeys }: Evidence): BundleFile[] {
  if (signed.length === 0) return [];
  const keys = Buffer.concat(openpgpKeys);
  return [
    ...signed.flatMap(filesOf),
    textFile('signatures/allowed_signers', allowedSigners),
    ...(keys.length === 0 ? [] : [{ path: 'signatures/keys.gpg', bytes: keys }]),
  ];
}

/** An ssh signature is over the text of the record's digest, which is that of its line; an OpenPGP one over that with a line before it. */
function filesOf({ stored: { digest, line }, signatures }: SignedRecord): BundleFile[] {
  const name = `signatures/${digestHex(digest)}`;
  const has = (format: SignatureRecord['format']): boolean => signatures.some((one) => one.format === format);
  return [
    textFile(`${name}.line`, line),
    ...(has('sshsig') ? [textFile(`${name}.signed`, digest)] : []),
    ...(has('openpgp') ? [textFile(`${name}.pgp`, openpgpPayload(digest))] : []),
    ...signatures.map(({ format, signature }, i) =>
      textFile(`${name}.${i + 1}.${format === 'openpgp' ? 'asc' : 'sig'}`, signature),
    ),
  ];
}
