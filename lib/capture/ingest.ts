import { isAbsolute, relative, resolve, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Repository } from '../git/repository.ts';
import { listWorktrees } from '../git/worktrees.ts';
import {
  type AdapterContext,
  type AgentAdapter,
  type AgentEvent,
  type CallOutcome,
  mapTexts,
  type TranscriptReading,
} from './agents/events.ts';
import { adapterFor, adapterNamed } from './agents/index.ts';
import { nameCall, noCallNames } from './call-names.ts';
import { type Delivered, withoutRepeats } from './dedupe.ts';
import { foldEvent, foldOutcomes, foldTranscript, noteFolded } from './fold.ts';
import { writeJournal } from './journal.ts';
import { type Place, sessionKey } from './place.ts';
import { sumRedactions } from './redact.ts';
import { addGap, newSession, type SessionState } from './session.ts';
import { loadSession, saveSession } from './session-store.ts';
import { clearSpool, readSpool, type SpoolEntry } from './spool.ts';
import { prepareTexts, storeTexts } from './texts.ts';
import { endedUntold } from './untold.ts';
import { withWrittenContent } from './written.ts';

const TRANSCRIPT_STEP_MS = 20;
const TRANSCRIPT_PATIENCE_MS = 120;

/**
 * Takes everything the agents' hooks have spooled into the sessions it belongs to: texts redacted and stored, states
 * saved, spool cleared. `also` names a session whose transcript is read even when it spooled nothing. Call it under
 * the lock.
 */
export async function ingest(repo: Repository, place: Place, also: string | null): Promise<void> {
  const context = await adapterContext(repo);
  const read = (await readSpool(place)).map((entry) => readEvent(entry, context));
  const groups = bySession(read);
  if (also !== null && !groups.has(also)) groups.set(also, []);
  for (const [key, group] of groups) await ingestSession({ repo, place, context }, key, group);
  const entries = read.map(({ entry }) => entry);
  for (const { file, problem } of entries) {
    if (problem === 'unreadable')
      await writeJournal(place, {
        at: new Date().toISOString(),
        hook: 'spool',
        problem: `${file} is no event of a known agent; kept in rejected/`,
      });
  }
  await clearSpool(place, entries);
}

/** Takes events that no hook spooled into their session; what has a mark that is known was taken in before. */
export async function takeInEvents(
  repo: Repository,
  place: Place,
  key: string,
  events: readonly { readonly mark: string; readonly event: AgentEvent }[],
): Promise<void> {
  const arrived = events.map((one) => ({ ...one, route: 'history', tooLarge: false }));
  await ingestSession({ repo, place, context: await adapterContext(repo) }, key, arrived);
}

interface ReadEntry {
  readonly entry: SpoolEntry;
  /** Null for what is no event, and for events that say nothing to a record. */
  readonly event: AgentEvent | null;
}

/** One that can't be read is set apart, whatever the reason: kept on the spool it would stop every commit after it. */
function readEvent(entry: SpoolEntry, context: AdapterContext): ReadEntry {
  const adapter = entry.payload === null ? null : adapterFor(entry.payload, entry);
  if (adapter === null || entry.payload === null)
    return { entry: { ...entry, problem: 'unreadable' }, event: null };
  try {
    const event = adapter.parse(entry.payload, entry.at, context);
    return {
      entry,
      event: event === null || entry.snapshot === null ? event : { ...event, snapshot: entry.snapshot },
    };
  } catch {
    return { entry: { ...entry, problem: 'unreadable' }, event: null };
  }
}

interface Arrived extends Delivered {
  readonly mark: string;
  readonly tooLarge: boolean;
}

interface Scene {
  readonly repo: Repository;
  readonly place: Place;
  readonly context: AdapterContext;
}

async function ingestSession(
  { repo, place, context }: Scene,
  key: string,
  arrived: readonly Arrived[],
): Promise<void> {
  const first = arrived[0]?.event;
  const state =
    (await loadSession(place, key)) ?? (first ? newSession(key, first.agent, first.sessionId) : null);
  if (state === null) return;
  const known = new Set(state.folded);
  const unknown = arrived.filter(({ mark }) => !known.has(mark));
  const fresh = await Promise.all(
    onceEach(state, unknown).map(async (one) => ({
      ...one,
      event: await withWrittenContent(repo, one.event),
    })),
  );
  const adapter = adapterNamed(state.agent);
  if (state.transcript === null && first?.transcript)
    state.transcript = { path: first.transcript, offset: 0 };
  const reading = adapter === null ? null : await readTranscript(state, adapter, runningCall(fresh));
  if (unknown.length === 0 && (reading === null || reading.offset === state.transcript?.offset)) return;

  const texts: { kind: string; text: string }[] = [];
  const numbered = fresh.map(({ event }) => mapTexts(event, (text, kind) => texts.push({ kind, text }) - 1));
  const said = reading?.said ? texts.push({ kind: 'reason', text: reading.said }) - 1 : null;
  const prepared = await prepareTexts(texts);
  const refOf = (index: number): (typeof prepared.refs)[number] =>
    prepared.refs[index] ?? { digest: '', size: 0 };

  for (const event of numbered) foldEvent(state, mapTexts(event, refOf));
  for (const { event } of fresh.filter(({ tooLarge }) => tooLarge))
    addGap(state, `a ${event.what.kind} payload was too large to keep`);
  if (reading !== null) {
    foldTranscript(state, reading, said === null ? null : refOf(said));
    const outcomes = reading.outcomes ?? new Map<string, CallOutcome>();
    foldOutcomes(state, outcomes, await endedUntold(repo, context, state, outcomes));
  }
  state.redactions = sumRedactions([state.redactions, prepared.redactions]);
  noteFolded(
    state,
    unknown.map(({ mark }) => mark),
  );
  await storeTexts(place, key, prepared.stored);
  await saveSession(place, state);
}

/** Each event once, and each call with a name. */
function onceEach(state: SessionState, arrived: readonly Arrived[]): Arrived[] {
  const { fresh, occurrences } = withoutRepeats(state.told ?? [], arrived);
  state.told = occurrences;
  const names = state.callNames ?? noCallNames();
  state.callNames = names;
  return fresh.map((one) => ({ ...one, event: nameCall(names, one.event) }));
}

/** The call in which a commit is being made: its hook said it started, and nothing since. */
function runningCall(arrived: readonly Arrived[]): string | null {
  const what = arrived.at(-1)?.event.what;
  return what?.kind === 'call-start' ? what.callId : null;
}

/** Some agents write their transcript with a lag (40 to 65 ms measured): waits shortly for the line of the running call. */
async function readTranscript(
  state: SessionState,
  adapter: AgentAdapter,
  callId: string | null,
): Promise<TranscriptReading | null> {
  if (state.transcript === null || adapter.readTranscript === undefined) return null;
  const { path, offset } = state.transcript;
  for (let waited = 0; ; waited += TRANSCRIPT_STEP_MS) {
    const reading = await adapter.readTranscript(path, offset);
    const complete =
      adapter.transcriptLags !== true || callId === null || reading?.calls.has(callId) === true;
    if (complete || waited >= TRANSCRIPT_PATIENCE_MS) return reading;
    await sleep(TRANSCRIPT_STEP_MS);
  }
}

function bySession(read: readonly ReadEntry[]): Map<string, Arrived[]> {
  const groups = new Map<string, Arrived[]>();
  for (const { entry, event } of read) {
    if (event === null) continue;
    const key = sessionKey(event.agent, event.sessionId);
    const arrived = {
      mark: `${entry.file}@${entry.at}`,
      route: routeOf(entry),
      event,
      tooLarge: entry.problem === 'too-large',
    };
    const group = groups.get(key);
    if (group) group.push(arrived);
    else groups.set(key, [arrived]);
  }
  return groups;
}

/** Two entries of one settings file are told apart by what they do: one looks at the worktree, the other does not. */
function routeOf({ installedFor, scope, snapshot }: SpoolEntry): string {
  return [installedFor, scope ?? 'local', snapshot === null ? '' : 'look'].join(' ');
}

async function adapterContext(repo: Repository): Promise<AdapterContext> {
  const tops = (await listWorktrees(repo)).map(({ top }) => top);
  return {
    format: repo.format,
    pathInRepository(path, cwd) {
      const absolute = isAbsolute(path) ? resolve(path) : resolve(cwd ?? tops[0] ?? '/', path);
      // The longest top wins: a linked worktree may lie inside the main one.
      const top = tops.filter((dir) => absolute.startsWith(dir + sep)).sort((a, b) => b.length - a.length)[0];
      return top === undefined ? null : relative(top, absolute).split(sep).join('/');
    },
  };
}
