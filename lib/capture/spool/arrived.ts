import type { PiiSettings } from '../../core/secrets/pii.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { type AdapterContext, type AgentEvent, mapTexts } from '../agents/events.ts';
import { adapterFor, adapterNamed } from '../agents/index.ts';
import { sessionKey } from '../place.ts';
import { nameCall, noCallNames } from '../session/call-names.ts';
import { foldEvent, noteFolded } from '../session/fold.ts';
import { foldOutcomes, foldTranscript, foldUntold } from '../session/fold-transcript.ts';
import { addGap, type SessionState } from '../session/session.ts';
import { type PreparedTexts, prepareTexts, type TextRef } from '../session/texts.ts';
import {
  expectedTranscript,
  type LoopReading,
  type RunningCall,
  readTranscripts,
} from '../session/transcripts.ts';
import { endedUntold } from '../session/untold.ts';
import { withWrittenContent } from '../session/written.ts';
import type { RepositoryContext } from './adapter-context.ts';
import { type Delivered, withoutRepeats } from './dedupe.ts';
import type { SpoolEntry } from './spool.ts';

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
export interface Arrived extends Delivered {
  readonly mark: string;
  readonly tooLarge: boolean;
}

/**
 * Takes events into a session, those it has not taken in before, and what its transcripts added. Null when there was
 * nothing; else the texts, redacted, for the caller to keep.
 */
export async function foldArrived(
  repo: Repository,
  context: AdapterContext,
  state: SessionState,
  arrived: readonly Arrived[],
  pii: PiiSettings,
): Promise<PreparedTexts | null> {
  const known = new Set(state.folded);
  const unknown = arrived.filter(({ mark }) => !known.has(mark));
  const fresh = await Promise.all(
    onceEach(state, unknown).map(async (one) => ({
      ...one,
      event: await withWrittenContent(repo, one.event),
    })),
  );
  const adapter = adapterNamed(state.agent);
  const readings = await readTranscripts(
    state,
    fresh.map(({ event }) => event),
    adapter,
    runningCall(fresh),
  );
  if (unknown.length === 0 && readings.length === 0) return null;
  const prepared = await foldTexts(state, fresh, readings, pii);
  if (adapter !== null) state.transcript ??= expectedTranscript(state, adapter);
  foldOutcomes(state, new Map());
  foldUntold(state, await endedUntold(repo, context, state));
  noteFolded(
    state,
    unknown.map(({ mark }) => mark),
  );
  return prepared;
}

/** Each event once, and each call with a name. */
function onceEach(state: SessionState, arrived: readonly Arrived[]): Arrived[] {
  const { fresh, occurrences } = withoutRepeats(state.told ?? [], arrived);
  state.told = occurrences;
  const names = state.callNames ?? noCallNames();
  state.callNames = names;
  return fresh.map((one) => ({ ...one, event: nameCall(names, one.event) }));
}

/** All texts in one pass: an expression for secrets that is used again is compiled again, for speed, which takes longer. */
async function foldTexts(
  state: SessionState,
  fresh: readonly Arrived[],
  readings: readonly LoopReading[],
  pii: PiiSettings,
): Promise<PreparedTexts> {
  const texts: { kind: string; text: string }[] = [];
  const keep = (text: string, kind: string): number => texts.push({ kind, text }) - 1;
  const numbered = fresh.map(({ event }) => mapTexts(event, keep));
  const said = readings.map(({ reading }) => (reading.said === null ? null : keep(reading.said, 'reason')));
  const prepared = await prepareTexts(texts, pii);
  for (const event of numbered)
    foldEvent(
      state,
      mapTexts(event, (index) => prepared.refs[index] ?? { digest: '', size: 0 }),
    );
  for (const { event } of fresh.filter(({ tooLarge }) => tooLarge))
    addGap(state, `a ${event.what.kind} payload was too large to keep`);
  for (const [i, one] of readings.entries()) foldReading(state, one, prepared.refs[said[i] ?? -1] ?? null);
  return prepared;
}

/** Of a loop that was forgotten meanwhile, for others that are newer, nothing is told to the session's own. */
function foldReading(state: SessionState, { agentId, reading }: LoopReading, said: TextRef | null): void {
  if (agentId !== null && !state.subagents.has(agentId)) return;
  foldTranscript(state, reading, said, agentId);
  foldOutcomes(state, reading.outcomes ?? new Map());
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
