import { lstat, readdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readRegularFile } from '../../ledger/notes/files.ts';
import { stateFromJson } from './state-json.ts';

const MARK = '.damaged-';

/**
 * Reads a file of state that a hook keeps between events. One that can't be read (cut short by a full disk or a crash,
 * too large, another thing altogether) is put aside, kept for a person to look at, and counts as not there: else every
 * hook after it would fail.
 */
export async function readState<T>(
  path: string,
  limit: number,
  isState: (value: unknown) => value is T,
): Promise<T | null> {
  const bytes = await readRegularFile(path, limit);
  if (bytes === null) {
    const info = await lstat(path).catch(() => null);
    if (info !== null) await putAside(path);
    return null;
  }
  const value = parse(bytes.toString('utf8'));
  if (isState(value)) return value;
  await putAside(path);
  return null;
}

/** True when a file of this name was put aside. */
export async function wasDamaged(path: string): Promise<boolean> {
  const names = await readdir(dirname(path)).catch(() => []);
  return names.some((name) => name.startsWith(basename(path) + MARK));
}

/** Of two that found it damaged one comes too late: then it is aside already. */
async function putAside(path: string): Promise<void> {
  const aside = join(dirname(path), `${basename(path)}${MARK}${Date.now()}`);
  await rename(path, aside).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

function parse(text: string): unknown {
  try {
    return stateFromJson(text);
  } catch {
    return undefined;
  }
}

/** True for a value each of whose fields is of the kind that a fresh one has there. */
export function fits<T extends object>(value: unknown, fresh: T): value is T {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Map)
    return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  return Object.entries(fresh).every(([name, kind]) => !fields.has(name) || isLike(fields.get(name), kind));
}

/** A field that may be null tells nothing of its kind. */
function isLike(value: unknown, kind: unknown): boolean {
  if (kind === null) return true;
  if (Array.isArray(kind)) return Array.isArray(value);
  if (kind instanceof Map) return value instanceof Map;
  return typeof value === typeof kind;
}
