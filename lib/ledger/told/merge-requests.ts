import type { EvidenceDocument } from '../../core/generated/evidence-v1.types.ts';
import type { MergeRequestRecord, StoredRecord } from '../../core/records/record.ts';
import { type Ledger, readNote } from '../ledger.ts';
import type { AppendOptions } from '../notes/append.ts';
import { notesByFirstTelling } from '../reading/find.ts';
import { anchorOf } from './anchor.ts';
import { appendTold, readTold, type Told, toldOn } from './told.ts';

/** A merge request as it was last told; null where nobody has told of it. `url` as mrUrl gives it. */
export async function readMergeRequest(
  ledger: Ledger,
  url: string,
): Promise<Told<MergeRequestRecord> | null> {
  return (await historyOf(ledger, url)).at(-1) ?? null;
}

/** Every merge request somebody has told of, as it was last told; the newest first. */
export async function listMergeRequests(ledger: Ledger): Promise<Told<MergeRequestRecord>[]> {
  const last = new Map<string, Told<MergeRequestRecord>>();
  for (const told of await readTold(ledger, 'mr')) last.set(told.stored.record.url, told);
  return [...last.values()].sort((a, b) => (a.stored.record.id < b.stored.record.id ? 1 : -1));
}

const NOTES_AT_ONCE = 20;

/**
 * Of the merge requests that are wanted as they were last told, the one that was opened last; null where there is none. Reads
 * notes from the youngest on, and stops where no older one can have been opened later.
 */
export async function newestMergeRequest(
  ledger: Ledger,
  isWanted: (record: MergeRequestRecord) => boolean,
): Promise<Told<MergeRequestRecord> | null> {
  const notes = await notesByFirstTelling(ledger, 'mr');
  const seen = new Set<string>();
  let newest: { readonly opened: string; readonly told: Told<MergeRequestRecord> } | null = null;
  for (let at = 0; at < notes.length; at += NOTES_AT_ONCE) {
    const part = notes.slice(at, at + NOTES_AT_ONCE);
    if (newest !== null && newest.opened >= (part[0]?.first ?? '')) break;
    const read = await Promise.all(part.map(({ object }) => readNote(ledger, object)));
    const urls = read.flatMap((note) => toldOn(note, 'mr').map(({ stored }) => stored.record.url));
    for (const url of new Set(urls.filter((one) => !seen.has(one)))) {
      seen.add(url);
      const history = await historyOf(ledger, url);
      const [opened, told] = [history[0]?.stored.record.id ?? '', history.at(-1)];
      if (told !== undefined && isWanted(told.stored.record) && opened > (newest?.opened ?? ''))
        newest = { opened, told };
    }
  }
  return newest?.told ?? null;
}

/** What `mr --json` prints of one. */
export function mergeRequestDocument({
  record,
  digest,
}: StoredRecord<MergeRequestRecord>): EvidenceDocument['mergeRequests'][number] {
  const { url, subject, txns, classes, agentCommits, title, state, landed, recordedAt } = record;
  return {
    schema: 'agent-log/merge-request/v1',
    url,
    state: state ?? 'open',
    title,
    subject,
    txns: [...txns],
    classes: [...classes],
    agentCommits,
    landed: landed ?? null,
    record: digest,
    at: recordedAt,
  };
}

/** Adds how a merge request stands, on its own note and on that of its head. The same again is not said again. */
export async function appendMergeRequest(
  ledger: Ledger,
  record: MergeRequestRecord,
  options: AppendOptions,
): Promise<boolean> {
  const last = await readMergeRequest(ledger, record.url);
  if (last !== null && standing(last.stored.record) === standing(record)) return false;
  const objects = new Set([anchorOf(ledger.repo, 'mr', record.url), record.subject.head]);
  await appendTold(
    ledger,
    [...objects].map((object) => ({ object, records: [record] })),
    options,
  );
  return true;
}

/** A line that lies there and names another merge request is none of it. */
async function historyOf(ledger: Ledger, url: string): Promise<Told<MergeRequestRecord>[]> {
  const told = toldOn(await readNote(ledger, anchorOf(ledger.repo, 'mr', url)), 'mr');
  return told.filter(({ stored }) => stored.record.url === url);
}

/** All but who said it, and when. */
function standing(record: MergeRequestRecord): string {
  const { url, subject, txns, classes, agentCommits, title, description, state, landed } = record;
  return JSON.stringify([url, subject, txns, classes, agentCommits, title, description, state, landed]);
}
