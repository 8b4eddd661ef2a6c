import type { PayloadLimits } from '../../identity/recipients/settings.ts';
import type { PayloadText } from '../../ledger/payloads/entry.ts';
import type { LeftOut } from '../../ledger/payloads/entry-header.ts';

/** What of a record's texts is stored, and what is not, and why. */
export interface Fitted {
  readonly texts: readonly PayloadText[];
  readonly left: readonly { readonly digest: string; readonly why: LeftOut }[];
  /** Bytes of the texts that are. */
  readonly bytes: number;
}

/** Takes texts in their order, as long as each and all are within the limits. `used` is what the session has stored. */
export function fitTexts(texts: readonly PayloadText[], used: number, limits: PayloadLimits): Fitted {
  const kept: PayloadText[] = [];
  const left: { digest: string; why: LeftOut }[] = [];
  let bytes = 0;
  for (const text of texts) {
    const size = Buffer.byteLength(text.text);
    const why = overWhich(size, bytes, used, limits);
    if (why !== null) left.push({ digest: text.digest, why });
    else {
      kept.push(text);
      bytes += size;
    }
  }
  return { texts: kept, left, bytes };
}

function overWhich(size: number, inRecord: number, inSession: number, limits: PayloadLimits): LeftOut | null {
  if (size > limits.text) return 'text-limit';
  if (inRecord + size > limits.record) return 'record-limit';
  return inSession + inRecord + size > limits.session ? 'session-limit' : null;
}
