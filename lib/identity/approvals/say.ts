import type { Person } from '../../core/person.ts';
import {
  type ApprovalRecord,
  type ChangeSubject,
  encodeRecord,
  type SignatureRecord,
} from '../../core/records/record.ts';
import { redactTexts } from '../../core/records/redact.ts';
import { newUlid } from '../../core/ulid.ts';
import { type Ledger, readNote } from '../../ledger/ledger.ts';
import { appendTold, type Told, toldOn } from '../../ledger/told/told.ts';

/** What somebody wants to say of a change. */
export interface Saying {
  readonly kind: ApprovalRecord['kind'];
  readonly subject: ChangeSubject;
  /** Digest of the policy in force at the target; null where there is none. */
  readonly policy: string | null;
  readonly txns: readonly string[];
  readonly note: string | null;
}

/** Who says it. */
export interface Speaker {
  readonly by: Person;
  /** `Name <email> seconds zone`, as git writes a committer. */
  readonly identity: string;
  readonly now: number;
  /** Signs the record by its digest; null where it stays a word. */
  readonly sign: ((digest: string) => Promise<SignatureRecord>) | null;
  /** Where a host says it for them, and a pipeline signs that. */
  readonly imported?: ApprovalRecord['imported'];
}

/** Over this the record names no more: what it binds is the change, not the list. */
const MOST_TXNS = 1000;

/**
 * Puts somebody's word about a change on the note of its head, signed where there is a key. It names the word before it, so
 * that none can be dropped from between. Throws NOT_SIGNED and NOT_APPENDED with nothing written.
 */
export async function sayOfChange(
  ledger: Ledger,
  { kind, subject, policy, txns, note }: Saying,
  { by, identity, now, sign, imported }: Speaker,
): Promise<Told<ApprovalRecord>> {
  const before = toldOn(await readNote(ledger, subject.head), 'approval').at(-1);
  const [redacted] = note === null ? [] : await redactTexts([note]);
  const record: ApprovalRecord = {
    schema: 'agent-log/approval/v1',
    id: newUlid(now),
    kind,
    subject,
    ...(policy === null ? {} : { policy }),
    txns: txns.slice(0, MOST_TXNS),
    by: { name: by.name, email: by.email },
    note: redacted?.text ?? null,
    ...(imported === undefined ? {} : { imported }),
    prev: before?.stored.digest ?? null,
    recordedAt: new Date(now).toISOString(),
  };
  const stored = { ...encodeRecord(record), record };
  const signature = sign === null ? null : await sign(stored.digest);
  const records = signature === null ? [record] : [record, signature];
  await appendTold(ledger, [{ object: subject.head, records }], { identity, message: MESSAGES[kind] });
  return { object: subject.head, stored, signatures: signature === null ? [] : [signature] };
}

const MESSAGES: Readonly<Record<ApprovalRecord['kind'], string>> = {
  approval: 'Approve a change',
  sponsorship: 'Answer for a change',
  withdrawal: 'Take back what was said of a change',
};
