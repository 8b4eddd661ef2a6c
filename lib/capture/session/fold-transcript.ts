import type { Usage } from '../../core/records/usage.ts';
import type { AgentEvent, CallOutcome, TranscriptReading } from '../agents/events.ts';
import { foldEvent } from './fold.ts';
import { addUsage } from './notes.ts';
import { addGap, MAX_REMEMBERED, MAX_UNTOLD, type SessionState, type SubagentState } from './session.ts';
import type { TextRef } from './texts.ts';

/** Adds what the transcript of the session's own loop told, or that of a sub-agent. */
export function foldTranscript(
  state: SessionState,
  reading: TranscriptReading,
  said: TextRef | null,
  agentId: string | null = null,
): void {
  state.version = reading.version ?? state.version;
  const subagent = agentId === null ? undefined : state.subagents.get(agentId);
  if (subagent !== undefined) foldIntoSubagent(state, subagent, reading, said);
  else {
    if (state.transcript !== null) state.transcript.offset = reading.offset;
    state.model = reading.model ?? state.model;
    state.said = said ?? state.said;
  }
  noteUsage(state, reading);
  if (reading.gap !== null) addGap(state, reading.gap);
}

function foldIntoSubagent(
  state: SessionState,
  subagent: SubagentState,
  reading: TranscriptReading,
  said: TextRef | null,
): void {
  const { transcript } = subagent;
  state.subagents.set(subagent.id, {
    ...subagent,
    transcript: transcript === null ? null : { ...transcript, offset: reading.offset },
    model: reading.model ?? subagent.model,
    said: said ?? subagent.said,
  });
}

/** What was written before the session's first event is the history a fork took over: another session's usage. */
function noteUsage(state: SessionState, { usage, writtenAt }: TranscriptReading): void {
  const inherited: string[] = [];
  const own: [string, Usage][] = [];
  for (const [id, used] of usage) {
    const at = writtenAt?.get(id);
    if (at !== undefined && state.startedAt !== null && at < state.startedAt) inherited.push(id);
    else own.push([id, used]);
  }
  state.inherited = [...new Set([...state.inherited, ...inherited])].slice(-MAX_REMEMBERED);
  addUsage(state, own);
}

/**
 * Remembers how calls went, as a transcript told it, and completes what hooks told of them. A transcript may be ahead of
 * the hooks: what it tells of a call waits until they have caught up.
 */
export function foldOutcomes(state: SessionState, told: ReadonlyMap<string, CallOutcome>): void {
  const outcomes = new Map([...(state.outcomes ?? []), ...told]);
  state.calls = state.calls.map((call) => {
    const outcome = outcomes.get(call.id);
    if (outcome === undefined || state.open.has(call.id)) return call;
    outcomes.delete(call.id);
    return call.status === 'unknown' ? { ...call, status: outcome.status } : call;
  });
  state.outcomes = new Map([...outcomes].slice(-MAX_UNTOLD));
}

/** Ends calls by what the transcript told, no hook having done so; one that comes after all finds what it needs. */
export function foldUntold(state: SessionState, ended: readonly AgentEvent<TextRef>[]): void {
  for (const event of ended) {
    const callId = event.what.kind === 'call-end' ? event.what.callId : '';
    const open = state.open.get(callId);
    if (open === undefined) continue;
    state.untold = new Map([...(state.untold ?? []), [callId, open] as const].slice(-MAX_UNTOLD));
    state.outcomes?.delete(callId);
    foldEvent(state, event);
  }
}
