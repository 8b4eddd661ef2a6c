import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isUlid } from '../../core/ulid.ts';
import { makeFolder, readRegularFile, removeFile, writeFileAtomically } from '../../ledger/notes/files.ts';
import { type DataKey, KEY_BYTES } from '../../ledger/payloads/data-key.ts';
import type { Place } from '../place.ts';

const KEPT_MS = 24 * 60 * 60 * 1000;

/**
 * The key this clone sealed a transaction's texts under, while it is at work on it: a transaction of many commits has one
 * key, not as many. Null when there is none, or it was wrapped for others than those of now.
 */
export async function ownKey(place: Place, txn: string, audience: string): Promise<DataKey | null> {
  const bytes = await readRegularFile(keyPath(place, txn), 4096);
  const value = bytes === null ? null : parsed(bytes.toString('utf8'));
  if (value === null || value['audience'] !== audience || typeof value['id'] !== 'string') return null;
  const key = Buffer.from(typeof value['key'] === 'string' ? value['key'] : '', 'base64');
  return key.length === KEY_BYTES ? { txn, id: value['id'], bytes: key } : null;
}

/** Keeps a key, once what it sealed is stored and its wrapped copy with it. */
export async function keepOwnKey(place: Place, { txn, id, bytes }: DataKey, audience: string): Promise<void> {
  await makeFolder(place.payloadKeys);
  const value = { id, key: bytes.toString('base64'), audience };
  await writeFileAtomically(keyPath(place, txn), JSON.stringify(value), false);
}

/** Forgets keys a day after they were used, and at once what a killed writer left half-way. Only one process writes here. */
export async function dropOldKeys(place: Place, now: number): Promise<void> {
  for (const name of await readdir(place.payloadKeys).catch(() => [])) {
    const path = join(place.payloadKeys, name);
    const info = await stat(path).catch(() => null);
    const isOld = info !== null && Math.abs(now - info.mtimeMs) > KEPT_MS;
    if (isOld || !isUlid(name)) await removeFile(path);
  }
}

function keyPath(place: Place, txn: string): string {
  return join(place.payloadKeys, isUlid(txn) ? txn : 'none');
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}
