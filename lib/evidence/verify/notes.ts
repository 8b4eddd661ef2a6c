import { isReadable, isSignature, type ParsedLine, type StoredRecord } from '../../core/records/record.ts';
import { verifySignature } from '../../identity/signatures/verify.ts';
import type { Note } from '../../ledger/ledger.ts';
import { anchorOf } from '../../ledger/told/anchor.ts';
import type { Verifying } from './context.ts';

/** What a note shows by itself: that its lines can be read, lie where they belong, and are what was signed. */
export function checkNote(verifying: Verifying, note: Note): void {
  const { report } = verifying;
  report.counts('notes');
  report.checked('paths');
  if (note.paths.length > 1)
    report.fails(
      'paths',
      note.object,
      `the note is at ${note.paths.length} paths: readers differ on which counts`,
    );
  const digests = new Set(note.lines.map(({ digest }) => digest));
  for (const line of note.lines) {
    checkLine(verifying, note.object, line);
    verifying.seen.pinned.delete(line.digest);
    if (!isReadable(line)) continue;
    keep(verifying, line);
    checkPlace(verifying, note.object, line);
    checkPrevious(verifying, note.object, line, digests);
    if (isSignature(line)) checkSignature(verifying, note.object, line, digests);
  }
}

function checkLine({ report }: Verifying, object: string, line: ParsedLine): void {
  report.checked('records');
  report.counts('lines');
  if (isReadable(line)) {
    report.counts(line.record.schema.replace(/^agent-log\/(.+)\/v\d+$/, '$1'));
    return;
  }
  const says = `a line can't be read as a record: ${line.problem} (${line.detail})`;
  if (line.problem === 'newer-version' || line.problem === 'unknown-schema')
    report.unknown('records', object, says);
  else report.fails('records', object, says);
}

function keep({ seen }: Verifying, { digest, record }: StoredRecord): void {
  if (record.schema === 'agent-log/execution/v1') {
    seen.links.set(digest, { txn: record.txn, seq: record.seq, prev: record.prev });
    if (record.ledger !== null) seen.anchors.set(record.ledger, digest);
  }
  if (record.schema === 'agent-log/checkpoint/v1') seen.anchors.set(record.tip, digest);
}

/** Objects a line may lie on the note of; null for lines that say nothing of it. */
function homesOf({ record }: StoredRecord): readonly string[] | null {
  if (record.schema === 'agent-log/binding/v1') return [record.commit];
  if (record.schema === 'agent-log/landing/v1') return [record.commit, record.from];
  const isOfHead = record.schema === 'agent-log/decision/v1' || record.schema === 'agent-log/approval/v1';
  return isOfHead ? [record.subject.head] : null;
}

function checkPlace({ report, ledger }: Verifying, object: string, line: StoredRecord): void {
  const homes = homesOf(line);
  if (homes === null) return;
  report.checked('placement');
  if (homes.includes(object)) return;
  // The first line that tells of a change lies there as well, so that readers hear of it.
  if (object === anchorOf(ledger.repo, 'told', 'first')) return;
  report.fails(
    'placement',
    line.digest,
    `a line of ${homes[0] ?? ''} lies on the note of ${object}: somebody moved or copied it`,
  );
}

/** Decisions and approvals name the one before them on the same note: a signature of the last is one of all. */
function checkPrevious(
  { report }: Verifying,
  object: string,
  { record, digest }: StoredRecord,
  digests: ReadonlySet<string>,
): void {
  if (record.schema !== 'agent-log/decision/v1' && record.schema !== 'agent-log/approval/v1') return;
  if (record.subject.head !== object || record.prev === null) return;
  report.checked('chains');
  if (digests.has(record.prev)) return;
  report.fails(
    'chains',
    digest,
    `it names ${record.prev} before it, which is no line of the note (any more)`,
  );
}

function checkSignature(
  { report }: Verifying,
  object: string,
  { record }: StoredRecord & { readonly record: Parameters<typeof verifySignature>[0] },
  digests: ReadonlySet<string>,
): void {
  report.checked('signatures');
  // That takes gpg and the roster's keys: a verifier starts no program on what a stranger wrote.
  if (record.format === 'openpgp') {
    report.unknown('signatures', record.record, 'an OpenPGP signature: for gpg to check');
    return;
  }
  const { why } = verifySignature(record);
  if (why !== null) report.fails('signatures', record.record, `the signature does not hold: ${why}`);
  else if (!digests.has(record.record))
    report.fails(
      'signatures',
      record.record,
      `what is signed is no line of the note of ${object} (any more)`,
    );
}
