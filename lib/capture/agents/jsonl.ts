import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Payload } from './payload.ts';

/** Read at the most in one go; a longer stretch is read from its end, and the gap is named. */
const MAX_READ_BYTES = 16 * 1024 * 1024;

/** The lines added to a file since the last reading. */
export interface Added {
  readonly lines: readonly string[];
  /** Bytes read so far: where the next reading goes on. A half line is left for it. */
  readonly offset: number;
  readonly gap: string | null;
}

/** Reads what was added to a transcript of lines since `offset`; from its beginning when it was started over. Null when there is no such file. */
export async function readAddedLines(path: string, offset: number): Promise<Added | null> {
  if (!path.endsWith('.jsonl')) return null;
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => null);
  if (file === null) return null;
  try {
    const info = await file.stat();
    if (!info.isFile()) return null;
    return await readFrom(file, offset <= info.size ? offset : 0, info.size);
  } finally {
    await file.close();
  }
}

async function readFrom(file: FileHandle, offset: number, size: number): Promise<Added> {
  const from = Math.max(offset, size - MAX_READ_BYTES);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
  const end = buffer.lastIndexOf(10, bytesRead - 1) + 1;
  const lines = buffer.toString('utf8', 0, end).split('\n');
  return {
    lines,
    offset: from + end,
    gap: from > offset ? `transcript: ${from - offset} bytes were not read` : null,
  };
}

/** A line as a JSON object; null when it is none. */
export function parseJsonLine(line: string): Payload | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Payload) : null;
  } catch {
    return null;
  }
}

/** The end of a text file, cut at a line; null when there is no such file, or it is none of its own. */
export async function readTail(path: string, most: number): Promise<string | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => null,
  );
  if (file === null) return null;
  try {
    const info = await file.stat();
    if (!info.isFile()) return null;
    const from = Math.max(0, info.size - most);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(info.size - from), 0, info.size - from, from);
    const start = from === 0 ? 0 : buffer.indexOf(10) + 1;
    return buffer.toString('utf8', start, bytesRead);
  } finally {
    await file.close();
  }
}
