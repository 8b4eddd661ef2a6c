import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { adapterNamed } from './agents/index.ts';
import { loadSession } from './ingest.ts';
import type { Place } from './place.ts';
import type { SessionState } from './session.ts';

const MAX_LOOKED_AT = 50;
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
  const states = await Promise.all((await recentKeys(place, now)).map((key) => loadSession(place, key)));
  const running = states.filter(
    (state) =>
      state?.agent === agent &&
      [...state.open.values()].some((call) => call.agentId !== undefined && call.before !== undefined),
  );
  return running.length === 1 ? (running[0] ?? null) : null;
}

async function recentKeys(place: Place, now: number): Promise<string[]> {
  const keys = (await readdir(place.sessions).catch(() => [])).filter((name) => /^[0-9a-f]{32}$/.test(name));
  const dated = await Promise.all(
    keys.map(async (key) => ({
      key,
      at: (await stat(join(place.sessions, key, 'state.json')).catch(() => null))?.mtimeMs ?? 0,
    })),
  );
  return dated
    .filter(({ at }) => now - at < HOUR_MS)
    .sort((a, b) => b.at - a.at)
    .slice(0, MAX_LOOKED_AT)
    .map(({ key }) => key);
}
