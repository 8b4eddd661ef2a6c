import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { blobId } from '../core/digest.ts';
import type { Repository } from '../git/repository.ts';
import type { RepositoryContext } from './adapter-context.ts';
import { type AgentEvent, mapTexts, type Write } from './agents/events.ts';
import { adapterFor, adapterNamed } from './agents/index.ts';
import { foldEvent, foldTranscript, noteFolded } from './fold.ts';
import { sessionKey } from './place.ts';
import { addGap, type SessionState } from './session.ts';
import type { SpoolEntry } from './spool.ts';
import { type PreparedTexts, prepareTexts } from './texts.ts';
import { type RunningCall, readTranscripts } from './transcripts.ts';

const MAX_HASHED_BYTES = 32 * 1024 * 1024;

export interface ReadEntry {
  readonly entry: SpoolEntry;
  /** Null for what is no event, and for events that say nothing to a record. */
  readonly event: AgentEvent | null;
}

/** One that can't be read is set apart, whatever the reason: kept on the spool it would stop every commit after it. */
export function readEvent(entry: SpoolEntry, context: RepositoryContext): ReadEntry {
  const adapter = entry.payload === null ? null : adapterFor(entry.payload, entry);
  if (adapter === null || entry.payload === null)
    return { entry: { ...entry, problem: 'unreadable' }, event: null };
  try {
    const event = adapter.parse(entry.payload, entry.at, context);
    if (event === null || entry.snapshot === null) return { entry, event };
    const { top } = entry.snapshot;
    const elsewhere = top !== null && !context.isWorktree(top);
    const snapshot = elsewhere ? { ...entry.snapshot, elsewhere } : entry.snapshot;
    return { entry, event: { ...event, snapshot } };
  } catch {
    return { entry: { ...entry, problem: 'unreadable' }, event: null };
  }
}

/** An event of one session, told from every other by the mark of its spool file. */
export interface Arrived {
  readonly mark: string;
  readonly event: AgentEvent;
  readonly tooLarge: boolean;
}

/**
 * Takes events into a session, those it has not taken in before, and what its transcripts added. Null when there was
 * nothing; else the texts, redacted, for the caller to keep.
 */
export async function foldArrived(
  repo: Repository,
  state: SessionState,
  arrived: readonly Arrived[],
): Promise<PreparedTexts[] | null> {
  const known = new Set(state.folded);
  const fresh = await Promise.all(
    arrived.filter(({ mark }) => !known.has(mark)).map((one) => withWrittenContent(repo, one)),
  );
  const redacted = await foldFresh(state, fresh);
  const told = await foldTranscripts(state, runningCall(fresh));
  if (fresh.length === 0 && told === null) return null;
  noteFolded(
    state,
    fresh.map(({ mark }) => mark),
  );
  return told === null ? [redacted] : [redacted, told];
}

async function foldFresh(state: SessionState, fresh: readonly Arrived[]): Promise<PreparedTexts> {
  const texts: { kind: string; text: string }[] = [];
  const numbered = fresh.map(({ event }) => mapTexts(event, (text, kind) => texts.push({ kind, text }) - 1));
  const prepared = await prepareTexts(texts);
  for (const event of numbered)
    foldEvent(
      state,
      mapTexts(event, (index) => prepared.refs[index] ?? { digest: '', size: 0 }),
    );
  for (const { event } of fresh.filter(({ tooLarge }) => tooLarge))
    addGap(state, `a ${event.what.kind} payload was too large to keep`);
  return prepared;
}

/** Null when no transcript had anything new. */
async function foldTranscripts(
  state: SessionState,
  running: RunningCall | null,
): Promise<PreparedTexts | null> {
  const readings = await readTranscripts(state, adapterNamed(state.agent), running);
  if (readings.length === 0) return null;
  const prepared = await prepareTexts(
    readings.map(({ reading }) => ({ kind: 'reason', text: reading.said ?? '' })),
  );
  readings.forEach(({ agentId, reading }, i) => {
    foldTranscript(state, reading, reading.said === null ? null : (prepared.refs[i] ?? null), agentId);
  });
  return { ...prepared, stored: prepared.stored.filter(({ text }) => text !== '') };
}

/**
 * Adds what a written file is on disk, where nobody touched it since the hook ran: a payload's text has its line ends
 * normalised, so the file itself tells better what the tool left.
 */
async function withWrittenContent(repo: Repository, arrived: Arrived): Promise<Arrived> {
  const { event } = arrived;
  if (event.what.kind !== 'call-end' || event.what.writes.length === 0) return arrived;
  const seen = await Promise.all(
    event.what.writes.map(async (write) => [write, ...(await onDisk(repo, event, write))]),
  );
  return { ...arrived, event: { ...event, what: { ...event.what, writes: seen.flat() } } };
}

async function onDisk(repo: Repository, event: AgentEvent, write: Write): Promise<Write[]> {
  const file = write.file ?? join(repo.top ?? '/', write.path);
  const info = await lstat(file).catch(() => null);
  if (info === null || !info.isFile() || info.mtimeMs > event.at || info.size > MAX_HASHED_BYTES) return [];
  const content = await readFile(file).catch(() => null);
  const blob = content === null ? write.blob : blobId(content, repo.format);
  return blob === write.blob ? [] : [{ ...write, blob }];
}

/** The call in which a commit is being made: its hook said it started, and nothing since. */
function runningCall(arrived: readonly Arrived[]): RunningCall | null {
  const event = arrived.at(-1)?.event;
  if (event?.what.kind !== 'call-start') return null;
  return { callId: event.what.callId, agentId: event.subagent?.id ?? null };
}

export function bySession(read: readonly ReadEntry[]): Map<string, Arrived[]> {
  const groups = new Map<string, Arrived[]>();
  for (const { entry, event } of read) {
    if (event === null) continue;
    const key = sessionKey(event.agent, event.sessionId);
    const arrived = { mark: `${entry.file}@${entry.at}`, event, tooLarge: entry.problem === 'too-large' };
    const group = groups.get(key);
    if (group) group.push(arrived);
    else groups.set(key, [arrived]);
  }
  return groups;
}
