import type { ApprovalRecord, DecisionRecord } from '../../core/records/record.ts';
import type { Judges } from '../../identity/said-of.ts';
import { type Ledger, readNote } from '../../ledger/ledger.ts';
import { mergeRequestDocument, readMergeRequest } from '../../ledger/told/merge-requests.ts';
import { readTold, type Told, toldOn } from '../../ledger/told/told.ts';
import { judgedWords } from '../judged-words.ts';
import type { EvidenceDocument } from './evidence.ts';
import type { Subject } from './subject.ts';

/** What was decided and approved of a question, as far as it is to be believed, and on which notes that stands. */
export interface Said {
  readonly decisions: EvidenceDocument['decisions'];
  readonly approvals: EvidenceDocument['approvals'];
  readonly mergeRequests: EvidenceDocument['mergeRequests'];
  /** Objects whose notes tell of it. */
  readonly objects: readonly string[];
}

/** The latest of so many are told; more nobody reads. */
const MOST = 2000;
const MOST_MRS = 50;

/** Reads what the ledger tells of a question's commits and transactions, and judges it by the target as it is now. */
export async function saidOfSubject(
  ledger: Ledger,
  { commits, mr }: Subject,
  txns: readonly string[],
  judges: Judges,
  now: number,
): Promise<Said> {
  const heads = [...commits, ...(mr === null ? [] : [mr.stored.record.subject.head])];
  const notes = await Promise.all([...new Set(heads)].map((oid) => readNote(ledger, oid)));
  const decisions = notes.flatMap((note) => toldOn(note, 'decision'));
  const approvals = notes.flatMap((note) => toldOn(note, 'approval'));
  const requests = notes.flatMap((note) => toldOn(note, 'mr'));
  const objects = new Set<string>();
  for (const txn of txns) {
    decisions.push(...(await readTold(ledger, 'decision', txn)));
    approvals.push(...(await readTold(ledger, 'approval', txn)));
    requests.push(...(await readTold(ledger, 'mr', txn)));
    for (const { object } of await readTold(ledger, 'event', txn)) objects.add(object);
  }
  const [decided, approved] = [latest(decisions), latest(approvals)];
  const urls = new Set([
    ...(mr === null ? [] : [mr.stored.record.url]),
    ...requests.map(({ stored }) => stored.record.url),
    ...[...decided, ...approved].flatMap(({ stored }) => stored.record.subject.mr ?? []),
  ]);
  const told = await Promise.all([...urls].slice(0, MOST_MRS).map((url) => readMergeRequest(ledger, url)));
  for (const one of [...decided, ...approved, ...requests]) objects.add(one.object);
  return {
    ...(await judgedWords(ledger, judges, decided, approved, now)),
    mergeRequests: told.flatMap((one) => (one === null ? [] : [mergeRequestDocument(one.stored)])),
    objects: [...objects],
  };
}

function latest<T extends ApprovalRecord | DecisionRecord>(told: readonly Told<T>[]): Told<T>[] {
  const unique = new Map(told.map((one) => [one.stored.digest, one]));
  return [...unique.values()].sort((a, b) => (a.stored.record.id < b.stored.record.id ? -1 : 1)).slice(-MOST);
}
