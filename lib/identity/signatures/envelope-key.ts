import type { EnvelopeKey } from '../../core/dsse.ts';
import { verifySshSignature } from './verify.ts';

/** What signatures of envelopes are made for, so that none can be taken for one of a record or of a commit. */
export const ENVELOPE_NAMESPACE = 'dsse@git-agent-log';

/** A key of ssh (`type base64`) that signs envelopes: `sig` is the armoured SSHSIG of the signed bytes. */
export function sshEnvelopeKey(key: string, namespace: string = ENVELOPE_NAMESPACE): EnvelopeKey {
  return {
    name: key,
    holds: (sig, bytes) => {
      const { holds, key: signer } = verifySshSignature(sig.toString('latin1'), bytes, namespace);
      return holds && signer === key;
    },
  };
}
