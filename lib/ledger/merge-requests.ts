import type { MergeRequestRecord } from '../core/record.ts';
import { anchorOf } from './anchor.ts';
import type { AppendOptions } from './append.ts';
import { type Ledger, readNote } from './ledger.ts';
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
