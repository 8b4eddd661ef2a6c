import type { Person } from '../core/person.ts';
import {
  type CheckpointRecord,
  type DecisionRecord,
  encodeRecord,
  type LedgerRecord,
  type SignatureRecord,
  type StoredRecord,
} from '../core/records/record.ts';
import { newUlid } from '../core/ulid.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { ledgerTip } from '../ledger/ledger.ts';
import { listNotes } from '../ledger/reading/scan.ts';
import type { AnchoredCheckpoint } from '../ledger/told/anchor-branch.ts';
import { appendTold } from '../ledger/told/told.ts';
import type { Checked } from './check.ts';
import { decisionRecords } from './decision-records.ts';
import { sameAsLast } from './repeated-check.ts';

/** In whose name a check is recorded. */
export interface Recorder {
  /** Null where git knows none. */
  readonly by: Person | null;
  /** `Name <email> seconds zone`, as git writes a committer. */
  readonly identity: string;
  /** Signs a record by its digest: in a pipeline, with the key that the target names. Null where there is none. */
  readonly sign: ((digest: string) => Promise<SignatureRecord>) | null;
}

/** What was written. */
export interface RecordedCheck {
  readonly decisions: readonly StoredRecord<DecisionRecord>[];
  /** They were there already, and are not written again. */
  readonly isRepeated: boolean;
  readonly signed: boolean;
  /** Where the ledger stood, signed: at the merge stage, and where there is a key. */
  readonly checkpoint: AnchoredCheckpoint | null;
  /** The ledger with them in it. */
  readonly tip: string | null;
}

/**
 * Adds the decisions of a check to the note of its head. The last is signed, and so are all: each names the one before it. Where a
 * signed checkpoint tells that somebody looked, and the last check said just the same, they are not said again: a pipeline that
 * looks every day writes one line a day on a quiet branch.
 */
export async function recordCheck(
  ledger: Ledger,
  checked: Checked,
  recorder: Recorder,
): Promise<RecordedCheck> {
  const repeated = makesCheckpoint(checked, recorder) ? await sameAsLast(ledger, checked) : null;
  const written = repeated === null ? await recordDecisions(ledger, checked, recorder) : null;
  const checkpoint = checked.stage === 'merge' ? await recordCheckpoint(ledger, checked, recorder) : null;
  return {
    decisions: written?.decisions ?? repeated ?? [],
    isRepeated: repeated !== null,
    signed: written?.signed ?? true,
    checkpoint,
    tip: await ledgerTip(ledger),
  };
}

function makesCheckpoint({ stage, subject }: Checked, { sign }: Recorder): boolean {
  return stage === 'merge' && sign !== null && subject.targetCommit !== null;
}

async function recordDecisions(
  ledger: Ledger,
  checked: Checked,
  recorder: Recorder,
): Promise<Pick<RecordedCheck, 'decisions' | 'signed'>> {
  const { subject } = checked;
  const decisions = decisionRecords(checked.rulings, {
    ...checked,
    by: recorder.by,
    classes: checked.facts.change.classes,
  });
  const { sign } = recorder;
  const last = decisions.at(-1);
  const signature = sign === null || last === undefined ? null : await sign(last.digest);
  const records: LedgerRecord[] = [
    ...decisions.map(({ record }) => record),
    ...(signature === null ? [] : [signature]),
  ];
  await appendTold(ledger, [{ object: subject.head, records }], {
    identity: recorder.identity,
    message: `agent-log: ${decisions.length} decisions of a check\n\nVia: check\n`,
  });
  return { decisions, signed: signature !== null };
}

/** Where the ledger stood when the change was let in, signed: whoever rewrites the ledger later contradicts that. */
export async function recordCheckpoint(
  ledger: Ledger,
  { subject, now }: Checked,
  { by, identity, sign }: Recorder,
): Promise<AnchoredCheckpoint | null> {
  const tip = await ledgerTip(ledger);
  if (tip === null || sign === null || subject.targetCommit === null) return null;
  const checkpoint: CheckpointRecord = {
    schema: 'agent-log/checkpoint/v1',
    id: newUlid(now),
    tip,
    notes: (await listNotes(ledger)).length,
    target: subject.targetCommit,
    by: by === null ? null : { name: by.name, email: by.email },
    recordedAt: new Date(now).toISOString(),
  };
  const signature = await sign(encodeRecord(checkpoint).digest);
  await appendTold(ledger, [{ object: subject.head, records: [checkpoint, signature] }], {
    identity,
    message: `agent-log: the ledger as a change was let in\n\nVia: check\n`,
  });
  return { tip, lines: [checkpoint, signature].map((record) => encodeRecord(record).line) };
}
