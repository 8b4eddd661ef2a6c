import { recordDigest } from '../core/digest.ts';
import { canonicalJson, wholeCharacters } from '../core/json/canonical.ts';
import type { Person } from '../core/person.ts';
import {
  type ChangeSubject,
  type DecisionRecord,
  encodeRecord,
  type StoredRecord,
} from '../core/records/record.ts';
import { newUlids } from '../core/ulid.ts';
import type { Facts } from './facts.ts';

/** What one rule, or one result of another tool, came to. */
export type Ruling = Pick<
  DecisionRecord,
  | 'rule'
  | 'severity'
  | 'enforce'
  | 'result'
  | 'message'
  | 'clauses'
  | 'controls'
  | 'policy'
  | 'inputs'
  | 'source'
> &
  Partial<Pick<DecisionRecord, 'waiver'>>;

/** What all decisions of one check have in common. */
export interface Sitting {
  readonly run: string;
  readonly stage: DecisionRecord['stage'];
  readonly subject: ChangeSubject;
  readonly txns: readonly string[];
  readonly classes: readonly string[];
  /** Digest of the decision before them on the same note; null for the first. */
  readonly prev: string | null;
  readonly by: Person | null;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const MOST_TXNS = 1000;

/**
 * The decisions of a check as records, each naming the one before it by digest: so a signature of the last is one of all.
 * Throws BAD_RECORD.
 */
export function decisionRecords(
  rulings: readonly Ruling[],
  sitting: Sitting,
): StoredRecord<DecisionRecord>[] {
  const { run, stage, subject, txns, classes, by, now } = sitting;
  const stored: StoredRecord<DecisionRecord>[] = [];
  const ids = newUlids(now, rulings.length);
  for (const [i, ruling] of rulings.entries()) {
    const record: DecisionRecord = {
      schema: 'agent-log/decision/v1',
      id: ids[i] ?? run,
      run,
      stage,
      subject,
      txns: txns.slice(0, MOST_TXNS),
      ...ruling,
      classes: [...classes],
      prev: stored.at(-1)?.digest ?? sitting.prev,
      by: by === null ? null : { name: by.name, email: by.email },
      recordedAt: new Date(now).toISOString(),
    };
    stored.push({ ...encodeRecord(record), record });
  }
  return stored;
}

/** Digest of all that rules could see: sha256 of the facts as canonical JSON. What an imported file says may hold half a character. */
export function inputsDigest(facts: Facts): string {
  return recordDigest(canonicalJson(facts, wholeCharacters));
}

/** Whether a ruling keeps a change out: it is enforced, failed or could not be told, and no waiver permits it. */
export function isDenial({
  enforce,
  result,
  waiver,
}: Pick<Ruling, 'enforce' | 'result' | 'waiver'>): boolean {
  return enforce === 'deny' && (result === 'error' || (result === 'fail' && waiver === undefined));
}
