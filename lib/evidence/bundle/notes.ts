import { EXCEPTION_TYPES, type ExceptionType, fingerprintOf } from '../../core/records/exception.ts';
import { noteLines, parseNote } from '../../core/records/note.ts';
import {
  isReadable,
  type LedgerRecord,
  type ParsedLine,
  type StoredRecord,
} from '../../core/records/record.ts';
import type { Regrouping } from '../../core/records/regroup.ts';
import { type Ledger, ledgerTrees } from '../../ledger/ledger.ts';
import { type NotePlace, placeNote } from '../../ledger/notes/fanout.ts';
import { erasureKey } from '../../ledger/payloads/erased.ts';
import { notesNamingRecords } from '../../ledger/reading/find.ts';
import { anchorOf } from '../../ledger/told/anchor.ts';
import { regroupKey } from '../../ledger/told/regroups.ts';
import type { EvidenceNote } from './evidence.ts';
import type { Found } from './found.ts';

/** A squash names a record for each commit in it; of one message no more are looked for. */
const MOST_NAMED = 1000;

/** What makes a line one of the question. */
interface Scope {
  /** Everything on the notes of these is. */
  readonly objects: ReadonlySet<string>;
  readonly commits: ReadonlySet<string>;
  /** Its transactions, as they are called now. */
  readonly txns: ReadonlySet<string>;
  readonly mrs: ReadonlySet<string>;
  /** Which transaction a record is of now. */
  readonly txnOf: Regrouping['txnOf'];
}

/** A note of the ledger's tip, its lines of the question, and all their records. */
export interface ReadNote {
  readonly note: EvidenceNote;
  readonly records: readonly StoredRecord[];
  /** Lies at several paths: nobody can say which is the one. */
  readonly isTwice: boolean;
}

/** The notes that tell of a question: of its commits, and where else the ledger keeps something of it. */
export async function notesFor(ledger: Ledger, tip: string, found: Found): Promise<ReadNote[]> {
  const { subject, txns, said, resolutions, regroups } = found;
  // A transaction's commit may hold the work of others too; whoever asks for the commit asks for all of it.
  const { kind } = subject.question;
  const isOfTxn = kind === 'txn' || (kind === 'last' && subject.mr === null);
  const mrs = new Set(said.mergeRequests.map(({ url }) => url));
  const commits = new Set(subject.commits);
  const elsewhere = resolutions.flatMap(({ record, alsoHere, claims, note, binding }) => {
    if (record === null || binding === 'claimed') return [];
    const here = new Set(note?.lines.map(({ digest }) => digest));
    const its = [record.digest, ...alsoHere.map(({ digest }) => digest), ...claims.records];
    return its.filter((digest) => !here.has(digest)).slice(0, MOST_NAMED);
  });
  const objects = [
    ...subject.commits,
    ...subject.former,
    ...said.objects,
    ...anchorsOf(ledger, { commits, mrs }),
    ...(await notesNamingRecords(ledger, elsewhere)),
  ];
  return readNotes(ledger, tip, objects, {
    objects: isOfTxn ? new Set<string>() : commits,
    commits,
    txns: new Set(txns),
    mrs,
    txnOf: regroups.txnOf,
  });
}

/** Reads the notes of some objects at one tip of the ledger, as far as they are of the question. */
async function readNotes(
  ledger: Ledger,
  tip: string,
  objects: Iterable<string>,
  scope: Scope,
): Promise<ReadNote[]> {
  const treeAt = ledgerTrees(ledger, tip);
  const read = [...new Set(objects)].sort().map(async (object): Promise<ReadNote | null> => {
    const place = await placeNote(object, treeAt);
    return place.found.length === 0 ? null : noteAt(ledger, object, place, scope);
  });
  return (await Promise.all(read)).filter((one) => one !== null);
}

async function noteAt(
  ledger: Ledger,
  object: string,
  { found }: NotePlace,
  scope: Scope,
): Promise<ReadNote | null> {
  const blobs = await Promise.all(found.map(({ oid }) => ledger.reader.read(oid)));
  const bytes = Buffer.concat(blobs.flatMap((blob) => (blob === null ? [] : [withEnd(blob.content)])));
  const text = bytes.toString('utf8');
  const lines = parseNote(text);
  const own = ownLines(lines, object, scope);
  const [first] = found;
  if (own.length === 0 || first === undefined) return null;
  const isTwice = found.length > 1;
  const isWhole = !isTwice && own.length === lines.length;
  const kept = isWhole
    ? (blobs[0]?.content ?? bytes)
    : Buffer.from(own.map(({ line }) => `${line}\n`).join(''));
  return {
    note: {
      object,
      path: first.path,
      blob: first.oid,
      bytes: kept,
      lines: isWhole ? noteLines(text).length : own.length,
      isWhole,
    },
    records: own.filter(isReadable),
    isTwice,
  };
}

function withEnd(content: Buffer): Buffer {
  return content.length === 0 || content.at(-1) === 10
    ? content
    : Buffer.concat([content, Buffer.from('\n')]);
}

/** Of what can't be read nobody can say whose it is: it goes along only where all the rest of the note is of the question. */
function ownLines(lines: readonly ParsedLine[], object: string, scope: Scope): readonly ParsedLine[] {
  if (scope.objects.has(object)) return lines;
  const records = lines.filter(isReadable);
  const own = new Set(
    records.filter(({ record, digest }) => isNamed(record, digest, scope)).map(({ digest }) => digest),
  );
  // Bindings, landings and signatures name a record; a signature can be of any of them.
  for (let known = -1; known < own.size; ) {
    known = own.size;
    for (const { record, digest } of records)
      if ('record' in record && typeof record.record === 'string' && own.has(record.record)) own.add(digest);
    for (const { record, digest } of records)
      if (own.has(digest)) for (const before of beforeIt(record)) own.add(before);
  }
  const isAll = records.length > 0 && records.every(({ digest }) => own.has(digest));
  return isAll ? lines : records.filter(({ digest }) => own.has(digest));
}

/** Of what was told of one head each names the one before: a chain of which one is left out says nothing. */
function beforeIt(record: LedgerRecord): string[] {
  const isChained = record.schema === 'agent-log/decision/v1' || record.schema === 'agent-log/approval/v1';
  return isChained && record.prev !== null ? [record.prev] : [];
}

type Names = Partial<Readonly<Record<'txn' | 'txns' | 'record' | 'commit' | 'mr' | 'url', unknown>>>;

function isNamed(record: LedgerRecord, digest: string, { commits, txns, mrs, txnOf }: Scope): boolean {
  const isOurs = (txn: string, of: string = digest): boolean => txns.has(txnOf(of, txn));
  if (record.schema === 'agent-log/erasure/v1') return record.txns.some(({ txn }) => isOurs(txn));
  if (record.schema === 'agent-log/regroup/v1') return regroupNames(record.change).some((one) => isOurs(one));
  const { txn, txns: many, record: of, commit, mr, url } = record as Names;
  // Of what names a record counts where that is now: it may have been moved since.
  if (typeof txn === 'string') return isOurs(txn, typeof of === 'string' ? of : digest);
  if (Array.isArray(many) && many.some((one) => isOurs(String(one)))) return true;
  if (record.schema === 'agent-log/event/v1' && typeof commit === 'string' && commits.has(commit))
    return true;
  return [mr, url].some((one) => typeof one === 'string' && mrs.has(one));
}

type Change = Extract<LedgerRecord, { schema: 'agent-log/regroup/v1' }>['change'];

function regroupNames(change: Change): readonly string[] {
  return change.action === 'join' ? change.txns : [change.from, change.txn];
}

/** Notes that tell of a question without being found by any index: what is kept under a name of its own. */
function anchorsOf(ledger: Ledger, { commits, mrs }: Pick<Scope, 'commits' | 'mrs'>): string[] {
  const exception =
    (about: { commit: string } | { mr: string }) =>
    (type: ExceptionType): string =>
      anchorOf(ledger.repo, 'exception', fingerprintOf({ type, txn: null, ...about }));
  return [
    erasureKey(ledger),
    regroupKey(ledger),
    ...[...mrs].flatMap((mr) => [anchorOf(ledger.repo, 'mr', mr), ...EXCEPTION_TYPES.map(exception({ mr }))]),
    ...[...commits].flatMap((commit) => EXCEPTION_TYPES.map(exception({ commit }))),
  ];
}
