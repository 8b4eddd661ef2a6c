import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentLogError } from '../../core/errors.ts';
import {
  type ExecutionRecord,
  isExecution,
  isReadable,
  isSupplement,
  type SupplementRecord,
} from '../../core/records/record.ts';
import { isUlid } from '../../core/ulid.ts';
import { type Ledger, readNote } from '../../ledger/ledger.ts';
import { readRegularFile, removeFile, writeFileAtomically } from '../../ledger/notes/files.ts';
import { withLock } from '../../ledger/notes/lock.ts';
import { notesOfTxns } from '../../ledger/reading/find.ts';
import { type Place, placeOf, sessionKey } from '../place.ts';
import { loadSession } from '../session/session-store.ts';
import { loadTexts } from '../session/texts.ts';
import { dropQueued, readQueue } from './queue.ts';
import { countRaw, dropRaw, type RawMarks } from './raw-leftovers.ts';
import { callDigests, digestsAt, leveledDigests, textFolders } from './record-texts.ts';

const PATIENCE_MS = 20_000;

/** How many raw payloads lie in this clone that nobody could read. After an erasure: of which nobody can tell whose they are. */
export function rawPayloadsLeft({ repo }: Pick<Ledger, 'repo'>): Promise<number> {
  return countRaw(placeOf(repo), Date.now());
}

/**
 * Removes the texts of erased transactions that this clone keeps in plain, what can be told to be theirs of the payloads
 * nobody could read, the keys it sealed them under, and what waits to be stored. Other transactions of the same sessions keep theirs. Idempotent. Throws LOCKED.
 */
export async function wipeTxns(ledger: Ledger, txns: readonly string[]): Promise<void> {
  const place = placeOf(ledger.repo);
  const held = await digestsByFolder(ledger, new Set(txns));
  await withLock(
    place.lock,
    PATIENCE_MS,
    async () => {
      await dropRaw(place, await rawMarks(place, held), Date.now());
      for (const [folder, digests] of held) await dropTexts(place, folder, digests);
      for (const txn of txns) await dropOwn(place, txn);
      await dropFromQueue(place, new Set(txns));
    },
    () => Promise.reject(busy()),
  );
}

/** What the transactions' raw payloads can be told by: the sessions known here, and the texts that are about to go. */
async function rawMarks(place: Place, held: ReadonlyMap<string, ReadonlySet<string>>): Promise<RawMarks> {
  const sessions: string[] = [];
  const texts: string[] = [];
  for (const [folder, digests] of held) {
    const state = await loadSession(place, folder);
    if (state !== null) sessions.push(state.sessionId);
    texts.push(...(await loadTexts(place, folder, digests)).values());
  }
  return { sessions, texts };
}

/** Digests of all texts of the transactions' records, by the folder in which they may lie. */
async function digestsByFolder(ledger: Ledger, txns: ReadonlySet<string>): Promise<Map<string, Set<string>>> {
  const held = new Map<string, Set<string>>();
  const add = (folders: readonly string[], digests: readonly string[]): void => {
    for (const folder of folders) held.set(folder, new Set([...(held.get(folder) ?? []), ...digests]));
  };
  for (const object of await notesOfTxns(ledger, [...txns])) {
    const lines = ((await readNote(ledger, object))?.lines ?? []).filter(isReadable);
    for (const { record } of lines.filter(isExecution))
      if (txns.has(record.txn)) add(textFolders(record), allDigests(record));
    for (const { record } of lines.filter(isSupplement))
      if (txns.has(record.txn)) add(foldersOf(record), callDigests(record.toolCalls));
  }
  return held;
}

function allDigests(record: ExecutionRecord): string[] {
  return digestsAt(leveledDigests(record), 'full');
}

function foldersOf({ txn, agent: { name, sessionId } }: SupplementRecord): string[] {
  return [...(sessionId === null ? [] : [sessionKey(name, sessionId)]), `txn-${txn}`];
}

async function dropTexts(place: Place, folder: string, digests: ReadonlySet<string>): Promise<void> {
  const path = join(place.sessions, folder, 'texts.jsonl');
  const text = (await readRegularFile(path, Number.POSITIVE_INFINITY))?.toString('utf8') ?? '';
  const lines = text.split('\n');
  const kept = lines.filter((line) => !digests.has(line.slice(11, 11 + 76)));
  if (kept.length === lines.length) return;
  await writeFileAtomically(path, kept.join('\n'), true);
}

/** What is nobody else's: the folder of a transaction opened by hand, and the key this clone kept. */
async function dropOwn(place: Place, txn: string): Promise<void> {
  if (!isUlid(txn)) return;
  await rm(join(place.sessions, `txn-${txn}`), { recursive: true, force: true });
  // Also what a killed writer left half-way.
  for (const name of await readdir(place.payloadKeys).catch(() => []))
    if (name.startsWith(txn)) await removeFile(join(place.payloadKeys, name));
}

/** Digests alone wait there. What waits beside them is left, and whoever stores it passes over the erased. */
async function dropFromQueue(place: Place, txns: ReadonlySet<string>): Promise<void> {
  const files = await readQueue(place);
  await dropQueued(files.filter(({ queued }) => queued.every(({ txn }) => txns.has(txn))));
}

function busy(): AgentLogError {
  return new AgentLogError('LOCKED', 'system', 'hooks have been at work in this clone all the while', {
    hints: ['The erasure is written down. Run the same command again to finish it.'],
  });
}
