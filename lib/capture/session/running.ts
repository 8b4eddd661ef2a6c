import { adapterNamed } from '../agents/index.ts';
import type { Place } from '../place.ts';
import type { SessionState } from './session.ts';
import { recentSessions } from './session-store.ts';

const HOUR_MS = 60 * 60 * 1000;

/**
 * The session a commit belongs to when the environment names one that no hook ever told of, as it does under some
 * agents' sub-agents: the one session of that agent in which a sub-agent's command is running right now. Null where none
 * or several are: a guess is no evidence.
 */
export async function sessionOfRunningSubagent(
  place: Place,
  agent: string,
  now: number,
): Promise<SessionState | null> {
  if (adapterNamed(agent)?.hidesSubagents !== true) return null;
  const running = (await recentSessions(place, now - HOUR_MS)).filter(
    (state) =>
      state.agent === agent &&
      [...state.open.values()].some((call) => call.agentId !== undefined && call.before !== undefined),
  );
  return running.length === 1 ? (running[0] ?? null) : null;
}
