import { constants } from 'node:fs';
import { lstat, open, readdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { parseObject } from '../../core/json/object.ts';
import { makeFolder, readRegularFile } from '../../ledger/notes/files.ts';
import type { EventOrigin } from '../agents/events.ts';
import type { Place } from '../place.ts';
import { parseSnapshot, type Snapshot } from '../session/snapshot.ts';
import { dropRejected } from './rejected.ts';

/** A payload over this is not parsed; its beginning still tells what it was. */
export const MAX_PAYLOAD_BYTES: number = 8 * 1024 * 1024;
/** Text over this is not mended where it is no JSON: nothing may keep a commit waiting for seconds. */
const MAX_MENDED = 1024 * 1024;
const MAX_SNAPSHOT_BYTES = 4 * 1024 * 1024;
const HEAD_BYTES = 64 * 1024;
/** `<pid>-<n>.<agent the hook is for>[.<scope>][@<agent seen in the environment>].json` */
const SPOOL_FILE = /^\d[\w-]*\.([a-z-]+)(?:\.(user|shared))?(?:@([a-z-]+))?\.json$/;
const UNREADABLE = { payload: null, problem: 'unreadable' } as const;

/** One event as a hook left it. */
export interface SpoolEntry extends EventOrigin {
  readonly file: string;
  /** Which of the agent's settings the hook is in; null for this clone's own. */
  readonly scope: 'user' | 'shared' | null;
  /** Milliseconds since 1970: when the hook had taken the payload in. */
  readonly at: number;
  readonly payload: Readonly<Record<string, unknown>> | null;
  readonly problem: 'unreadable' | 'too-large' | null;
  readonly snapshot: Snapshot | null;
}

/** True when the spool is a folder of its own. What a symbolic link leads to is somebody else's. */
export async function isSpoolSafe(place: Place): Promise<boolean> {
  const info = await lstat(place.spool).catch(() => null);
  return info === null || info.isDirectory();
}

/** Reads every finished event of the spool, in the order they happened. Nothing is removed. */
export async function readSpool(place: Place): Promise<SpoolEntry[]> {
  if (!(await isSpoolSafe(place))) return [];
  const names = (await readdir(place.spool).catch(() => [])).filter((name) => SPOOL_FILE.test(name));
  const entries = await Promise.all(names.map((name) => readEntry(place, name)));
  return entries
    .filter((entry) => entry !== null)
    .sort((a, b) => a.at - b.at || a.file.localeCompare(b.file));
}

/** Takes folded events off the spool. What could not be read is moved aside, not deleted. */
export async function clearSpool(place: Place, entries: readonly SpoolEntry[]): Promise<void> {
  if (entries.some((entry) => entry.problem === 'unreadable')) await makeFolder(place.rejected);
  await Promise.all(entries.map((entry) => clearEntry(place, entry)));
  if (entries.length > 0) await dropRejected(place, Date.now());
}

async function clearEntry(place: Place, entry: SpoolEntry): Promise<void> {
  const path = join(place.spool, entry.file);
  // Another process may have folded the same event: then there is nothing left to do.
  if (entry.problem === 'unreadable')
    await rename(path, join(place.rejected, entry.file)).catch(() => undefined);
  else await unlink(path).catch(() => undefined);
  await unlink(snapshotFile(path)).catch(() => undefined);
}

async function readEntry(place: Place, name: string): Promise<SpoolEntry | null> {
  const path = join(place.spool, name);
  const info = await lstat(path).catch(() => null);
  if (info === null) return null;
  const content = info.isFile() ? await readPayload(path, info.size) : UNREADABLE;
  if (content === null) return null;
  const snapshot = await readRegularFile(snapshotFile(path), MAX_SNAPSHOT_BYTES);
  const [, installedFor = 'unknown', scope, seen = null] = SPOOL_FILE.exec(name) ?? [];
  return {
    file: name,
    installedFor,
    scope: scope === 'user' || scope === 'shared' ? scope : null,
    seen,
    at: info.mtimeMs,
    snapshot: snapshot === null ? null : parseSnapshot(snapshot.toString('utf8')),
    ...content,
  };
}

async function readPayload(
  path: string,
  size: number,
): Promise<Pick<SpoolEntry, 'payload' | 'problem'> | null> {
  if (size > MAX_PAYLOAD_BYTES) return { payload: fieldsAtStart(await readHead(path)), problem: 'too-large' };
  const bytes = await readRegularFile(path, MAX_PAYLOAD_BYTES);
  if (bytes === null) return null;
  const payload = parsePayload(bytes.toString('utf8'));
  return payload === null ? UNREADABLE : { payload, problem: null };
}

/**
 * A payload's text as an object. Null when it is none: a hook killed while it wrote, or no hook at all. Some agents put
 * control characters into strings as they are (Windsurf), which JSON does not allow: they are read all the same.
 */
export function parsePayload(text: string): Readonly<Record<string, unknown>> | null {
  const value = parseObject(text);
  const mend = value === null && text.length <= MAX_MENDED && CONTROL.test(text);
  return mend ? parseObject(escapeControls(text)) : value;
}

const CONTROL = /[\u0000-\u001f]/;
const CONTROLS = /[\u0000-\u001f]/g;

/** JSON text with the control characters inside its strings escaped; those between tokens stay what they are. */
function escapeControls(text: string): string {
  const parts: string[] = [];
  let copied = 0;
  for (let start = text.indexOf('"'); start >= 0; ) {
    const end = endOfString(text, start);
    const inside = text.slice(start, end);
    if (CONTROL.test(inside)) {
      parts.push(text.slice(copied, start), inside.replaceAll(CONTROLS, unicodeEscape));
      copied = end;
    }
    start = text.indexOf('"', end + 1);
  }
  return parts.join('') + text.slice(copied);
}

/** Where the string that begins at `start` is closed; the end of the text when it is not. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) return i;
    if (code === 0x5c) i++;
  }
  return text.length;
}

function unicodeEscape(control: string): string {
  return `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The plain string fields at the beginning of a payload too large to parse: enough to say whose call it was. */
function fieldsAtStart(head: string): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const match of head.matchAll(
    /"(session_id|hook_event_name|tool_name|tool_use_id|cwd|transcript_path|agent_id|prompt_id|turn_id|model|sessionId|toolName|agentId|conversation_id|generation_id|trajectory_id|execution_id|agent_action_name|amp_event|thread_id|tool|toolUseID)"\s*:\s*"([^"\\]{1,400})"/g,
  )) {
    fields[match[1] ?? ''] ??= match[2];
  }
  return fields;
}

async function readHead(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

function snapshotFile(path: string): string {
  return path.replace(/\.json$/, '.snap');
}
