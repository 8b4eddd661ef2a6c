import { homedir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentAdapter, AgentEvent, TranscriptReading } from '../agents/events.ts';
import type { SessionState } from './session.ts';

const STEP_MS = 20;
const PATIENCE_MS = 120;

/** A tool call that has begun and not ended, and the sub-agent that makes it. */
export interface RunningCall {
  readonly callId: string;
  readonly agentId: string | null;
}

/** What one loop's transcript added: the session's own, or a sub-agent's. */
export interface LoopReading {
  readonly agentId: string | null;
  readonly reading: TranscriptReading;
}

/**
 * Reads on in every transcript of a session that has heard these events, which need not be taken in yet. Some agents write
 * with a lag (40 to 65 ms measured), so the line of the call that runs right now is waited for shortly.
 */
export async function readTranscripts(
  state: SessionState,
  events: readonly AgentEvent[],
  adapter: AgentAdapter | null,
  running: RunningCall | null,
): Promise<LoopReading[]> {
  if (adapter === null) return [];
  const loops = [...transcriptsAfter(state, events, adapter)];
  const readings = await Promise.all(
    loops.map(async ([agentId, transcript]): Promise<LoopReading[]> => {
      if (transcript === null) return [];
      const callId = running !== null && running.agentId === agentId ? running.callId : null;
      const reading = await readPatiently(adapter, transcript, callId);
      return reading === null || reading.offset === transcript.offset ? [] : [{ agentId, reading }];
    }),
  );
  return readings.flat();
}

/** Where each loop's transcript lies once the events are taken in, and how far it was read; the session's own first, by null. */
function transcriptsAfter(
  state: SessionState,
  events: readonly AgentEvent[],
  adapter: AgentAdapter,
): Map<string | null, SessionState['transcript']> {
  const known = new Map<string | null, SessionState['transcript']>([[null, state.transcript]]);
  for (const { id, transcript } of state.subagents.values()) known.set(id, transcript);
  for (const { subagent, transcript } of events) {
    const loop = subagent?.id ?? null;
    const path = subagent === undefined ? transcript : subagent.transcript;
    if (path !== undefined && known.get(loop)?.path !== path) known.set(loop, { path, offset: 0 });
  }
  return known.get(null) ? known : known.set(null, expectedTranscript(state, adapter));
}

/**
 * Where a session's transcript should be when nobody told. A session id is the agent's text: only one that can not lead
 * elsewhere becomes part of a path.
 */
export function expectedTranscript(
  { sessionId }: SessionState,
  { transcriptOf }: AgentAdapter,
): SessionState['transcript'] {
  if (transcriptOf === undefined || !/^[\w-]+$/.test(sessionId)) return null;
  return { path: transcriptOf(sessionId, homedir(), process.env), offset: 0 };
}

async function readPatiently(
  adapter: AgentAdapter,
  { path, offset }: { readonly path: string; readonly offset: number },
  callId: string | null,
): Promise<TranscriptReading | null> {
  if (adapter.readTranscript === undefined) return null;
  for (let waited = 0; ; waited += STEP_MS) {
    const reading = await adapter.readTranscript(path, offset);
    const complete =
      adapter.transcriptLags !== true || callId === null || reading?.calls.has(callId) === true;
    if (complete || waited >= PATIENCE_MS) return reading;
    await sleep(STEP_MS);
  }
}
