import { escapeTerminal } from '../../core/escape.ts';
import { shortRecipient } from '../../identity/recipients/recipient.ts';
import type { Tombstone } from '../../oversight/retention/erase.ts';
import type { ErasurePlan } from '../../oversight/retention/plan-erasure.ts';
import type { Paint } from '../terminal/io.ts';
import { count } from './text.ts';

/** What `erase --json` prints. */
export interface ErasedDocument extends ErasurePlan {
  readonly schema: 'agent-log/erased/v1';
  readonly reason: string;
  /** Digests of the tombstones; none where all had been erased before. */
  readonly records: readonly string[];
  /** Public key they are signed with. */
  readonly signedBy: string | null;
  /** Whether the remote was told; null when that was not asked for. */
  readonly pushed: boolean | null;
  /** Raw payloads in this clone of which nobody can tell whose they are. */
  readonly rawLeft: number;
}

export function erasedDocument(
  plan: ErasurePlan,
  tombstones: readonly Tombstone[],
  { reason, pushed, rawLeft }: Pick<ErasedDocument, 'reason' | 'pushed' | 'rawLeft'>,
): ErasedDocument {
  return {
    schema: 'agent-log/erased/v1',
    reason: tombstones[0]?.record.reason ?? reason,
    ...plan,
    records: tombstones.map(({ digest }) => digest),
    signedBy: tombstones[0]?.signedBy ?? null,
    pushed,
    rawLeft,
  };
}

const MOST_SHOWN = 20;

/** What is gone, and who may be able to read it all the same. */
export function renderErased(document: ErasedDocument, paint: Paint): string {
  const { txns, records } = document;
  if (records.length === 0)
    return 'Erased before: no tombstone was added; what had come back to this clone is gone.\n';
  const lines = txns.slice(0, MOST_SHOWN).map(({ txn, entries, keys }) => {
    return `${paint.name(txn)}: ${count(entries, 'entry', 'entries')} and ${count(keys, 'key')} dropped`;
  });
  if (txns.length > MOST_SHOWN) lines.push(paint.faint(`… ${txns.length - MOST_SHOWN} more (--json)`));
  return `${[...lines, ...readerLines(document, paint)].join('\n')}\n`;
}

function readerLines({ mayDecrypt: { recipients, clones } }: ErasedDocument, paint: Paint): string[] {
  if (!clones) return ['No key to it was in git: who has an older clone has nothing to open it with.'];
  const who = recipients.map((one) => escapeTerminal(shortRecipient(one))).join(', ');
  return [
    paint.warn('Its key travelled by git. Who has a clone made before, or its objects, and'),
    paint.warn('one of these keys can still read it:'),
    `  ${who}`,
  ];
}

/** What is left for a person to do, and to know. */
export function eraseHints({ records, signedBy, pushed, mayDecrypt, rawLeft }: ErasedDocument): string {
  const hints = [
    ...(records.length > 0 && signedBy === null
      ? ['the tombstone is not signed: no key is set (gpg.format, user.signingkey)']
      : []),
    ...(pushed === null ? ['tell the remote and others: git agent-log sync'] : []),
    ...(pushed === false
      ? ['texts are not pushed to that remote (agentLog.payloadRemote): what it has of them stays']
      : []),
    ...(mayDecrypt.clones ? ['what was dropped lies sealed among the loose objects until git gc'] : []),
    ...(rawLeft > 0
      ? [
          `nobody can tell whose ${count(rawLeft, 'payload is', 'payloads are')} that no agent's event could be read from: look through .git/agent-log/rejected and .git/agent-log/spool/*.tmp`,
        ]
      : []),
    'transcripts that agents keep outside the repository are theirs: erase them there',
  ];
  return hints.map((hint) => `hint: ${hint}\n`).join('');
}
