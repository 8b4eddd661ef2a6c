import { createHash } from 'node:crypto';
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionRecord, StoredRecord, SupplementRecord } from '../../core/records/record.ts';
import { makeFolder, readRegularFile, removeFile, writeFileAtomically } from '../../ledger/notes/files.ts';
import type { Level } from '../../ledger/payloads/level.ts';
import { type Place, sessionKey } from '../place.ts';
import { atMost, callDigests, type LeveledDigests, leveledDigests, textFolders } from './record-texts.ts';

/** A record whose texts are to go into the repository. */
export interface Queued extends LeveledDigests {
  readonly txn: string;
  readonly record: string;
  /** Folders of texts; the first is that of whose count its bytes go into. */
  readonly folders: readonly string[];
}

/** One file of the queue. */
export interface QueueFile {
  readonly path: string;
  readonly queued: readonly Queued[];
}

const MAX_BYTES = 64 * 1024 * 1024;

/** A record, and the level in force when it was made. */
export interface LeveledRecord {
  readonly stored: StoredRecord<ExecutionRecord>;
  readonly level: Level;
}

/**
 * Says that the texts of records are to be stored, as far as the level they were made at has it: whoever widens it later
 * does not widen what was recorded before. Called before the records are written: a crash in between leaves a text
 * stored whose record never came, never a record whose text is forgotten.
 */
export async function queueRecords(place: Place, records: readonly LeveledRecord[]): Promise<void> {
  await queue(
    place,
    records.map(({ stored: { record, digest }, level }) => ({
      txn: record.txn,
      record: digest,
      folders: textFolders(record),
      ...atMost(leveledDigests(record), level),
    })),
  );
}

/** The same for what is added to records: how their calls ended. */
export async function queueSupplements(
  place: Place,
  supplements: readonly SupplementRecord[],
  level: Level,
): Promise<void> {
  await queue(
    place,
    supplements.map(({ txn, record, agent: { name, sessionId }, toolCalls }) => ({
      txn,
      record,
      folders: [...(sessionId === null ? [] : [sessionKey(name, sessionId)]), `txn-${txn}`],
      ...atMost({ task: [], full: callDigests(toolCalls) }, level),
    })),
  );
}

function queue(place: Place, items: readonly Queued[]): Promise<void> {
  return queueIn(place.unpacked, items);
}

async function queueIn(folder: string, items: readonly Queued[]): Promise<void> {
  const wanted = items.filter(({ task, full }) => task.length + full.length > 0);
  if (wanted.length === 0) return;
  const content = `${wanted.map((item) => JSON.stringify(item)).join('\n')}\n`;
  // A name by the content: told again, as after a crash, it is the same file.
  const name = createHash('sha256').update(content).digest('hex');
  await makeFolder(folder);
  await writeFileAtomically(join(folder, name), content, true);
}

/** Whether texts wait that nobody has tried to store yet. Only names are read. */
export async function hasQueued(place: Place): Promise<boolean> {
  return (await queueNames(place.unpacked)).length > 0;
}

/** The same, or that were held back. */
export async function hasAnyQueued(place: Place): Promise<boolean> {
  return (await hasQueued(place)) || (await queueNames(held(place))).length > 0;
}

/** What waits, and what was held back when it could not be stored. */
export async function readQueue(place: Place): Promise<QueueFile[]> {
  const paths = [
    ...(await queueNames(place.unpacked)).map((name) => join(place.unpacked, name)),
    ...(await queueNames(held(place))).map((name) => join(held(place), name)),
  ];
  return Promise.all(paths.map(async (path) => ({ path, queued: await readItems(path) })));
}

export async function dropQueued(files: readonly QueueFile[]): Promise<void> {
  await Promise.all(files.map(({ path }) => removeFile(path)));
}

/**
 * Keeps what can't be stored now where no command looks in passing: the next hook, or `sync`, tries again. What the level of
 * now would not store is not kept for another.
 */
export async function holdBack(place: Place, files: readonly QueueFile[], level: Level): Promise<void> {
  for (const { path, queued } of files) {
    await queueIn(
      held(place),
      queued.map((item) => ({ ...item, ...atMost(item, level) })),
    );
    await removeFile(path);
  }
}

/** Takes back what was held: killed from here on, it is the next command that goes on. */
export async function takeBackHeld(place: Place): Promise<void> {
  for (const name of await queueNames(held(place)))
    await rename(join(held(place), name), join(place.unpacked, name)).catch(() => undefined);
}

function held({ unpacked }: Place): string {
  return join(unpacked, 'held');
}

async function queueNames(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).filter((name) => /^[0-9a-f]{64}$/.test(name));
}

async function readItems(path: string): Promise<Queued[]> {
  const text = (await readRegularFile(path, MAX_BYTES))?.toString('utf8') ?? '';
  return text.split('\n').flatMap(parseItem);
}

function parseItem(line: string): Queued[] {
  if (line === '') return [];
  try {
    return [JSON.parse(line) as Queued];
  } catch {
    // Half a line can't be there: files come whole or not at all. What a disk lost, nobody knows.
    return [];
  }
}
