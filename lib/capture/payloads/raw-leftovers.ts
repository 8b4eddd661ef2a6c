import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readRegularFile, removeFile } from '../../ledger/notes/files.ts';
import type { Place } from '../place.ts';

/** What tells that a raw payload is of a transaction. */
export interface RawMarks {
  /** Ids of the agents' sessions, as they call them. */
  readonly sessions: readonly string[];
  /** Texts of its records, as this clone kept them. */
  readonly texts: readonly string[];
}

const MAX_BYTES = 64 * 1024 * 1024;
/** A hook that writes for longer was killed: what it left nobody takes in. */
const HALF_WRITTEN_MS = 60_000;
/** Said of fewer letters, anything might hold them by chance. */
const LEAST_SESSION = 8;
const LEAST_TEXT = 16;
/** A payload that was cut off has the beginning of a text. */
const BEGINNING = 256;
const MOST_TEXTS = 500;

/**
 * Removes payloads nobody could read that name a session of a transaction or hold a text of it. They are kept only to be
 * looked at: where a session did other work as well, what may be of either goes.
 */
export async function dropRaw(place: Place, marks: RawMarks, now: number): Promise<void> {
  const needles = needlesOf(marks);
  if (needles.length === 0) return;
  for (const path of await rawFiles(place, now)) {
    const bytes = await readRegularFile(path, MAX_BYTES);
    if (bytes !== null && needles.some((needle) => bytes.includes(needle))) await removeFile(path);
  }
}

/** How many such payloads there are. After `dropRaw` nobody can tell whose they are. */
export async function countRaw(place: Place, now: number): Promise<number> {
  return (await rawFiles(place, now)).length;
}

/** What was set apart, and what killed hooks left half-way. Events that wait to be taken in are neither. */
async function rawFiles(place: Place, now: number): Promise<string[]> {
  const names = async (folder: string): Promise<string[]> =>
    (await readdir(folder).catch(() => [])).map((name) => join(folder, name));
  const halves = (await names(place.spool)).filter((path) => path.endsWith('.tmp'));
  const infos = await Promise.all(halves.map((path) => lstat(path).catch(() => null)));
  const old = halves.filter((_, i) => Math.abs(now - (infos[i]?.mtimeMs ?? now)) > HALF_WRITTEN_MS);
  return [...(await names(place.rejected)), ...old];
}

function needlesOf({ sessions, texts }: RawMarks): string[] {
  const long = texts.filter((text) => text.length >= LEAST_TEXT).sort((a, b) => b.length - a.length);
  const beginnings = long.slice(0, MOST_TEXTS).map((text) => text.slice(0, BEGINNING));
  const escaped = beginnings.map((text) => JSON.stringify(text).slice(1, -1));
  return [...new Set([...sessions.filter((id) => id.length >= LEAST_SESSION), ...beginnings, ...escaped])];
}
