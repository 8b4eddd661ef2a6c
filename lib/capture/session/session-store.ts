import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { digestHex } from '../../core/digest.ts';
import { readRegularFile, removeFile, writeFileAtomically } from '../../ledger/notes/files.ts';
import type { Place } from '../place.ts';
import { fits, readState, wasDamaged } from './kept-state.ts';
import { addGap, newSession, type SessionState } from './session.ts';
import { stateToJson } from './state-json.ts';

const MAX_STATE_BYTES = 64 * 1024 * 1024;
const MAX_SESSIONS = 200;

const LOST =
  'what was kept of this session could not be read and was set aside: what it did before and no record holds is unknown';

/** A session's state; null when there is none under this key, or none that can be read. */
export async function loadSession(place: Place, key: string): Promise<SessionState | null> {
  const known = await readState(
    statePath(place, key),
    MAX_STATE_BYTES,
    (value): value is SessionState => fits(value, newSession(key, '', '')) && value.key === key,
  );
  // An older version may have written it without what is kept now.
  return known === null ? null : { ...newSession(known.key, known.agent, known.sessionId), ...known };
}

/** The same, or a session that begins here. It says so where it had begun before and nobody can tell what it did. */
export async function openSession(
  place: Place,
  key: string,
  agent: string,
  sessionId: string,
): Promise<SessionState> {
  const known = await loadSession(place, key);
  if (known !== null) return known;
  const fresh = newSession(key, agent, sessionId);
  if (await wasDamaged(statePath(place, key))) addGap(fresh, LOST);
  return fresh;
}

export async function saveSession(place: Place, state: SessionState): Promise<void> {
  await writeFileAtomically(statePath(place, state.key), stateToJson(state), false);
}

/** The sessions written to since a time (milliseconds since 1970), newest first, without the one of a key. */
export async function recentSessions(
  place: Place,
  since: number,
  except: string | null = null,
): Promise<SessionState[]> {
  const keys = (await readdir(place.sessions).catch(() => [])).filter(
    (name) => /^[0-9a-f]{32}$/.test(name) && name !== except,
  );
  const times = await Promise.all(keys.map((key) => writtenAt(place, key)));
  const recent = keys
    .map((key, i) => ({ key, at: times[i] ?? 0 }))
    .filter(({ at }) => at >= since)
    .sort((a, b) => b.at - a.at)
    .slice(0, MAX_SESSIONS);
  const states = await Promise.all(recent.map(({ key }) => loadSession(place, key)));
  return states.filter((state) => state !== null);
}

/** Usage ids that a record covers which was sealed while another process held the lock. */
export async function saveSealedUsage(
  place: Place,
  key: string,
  digest: string,
  ids: readonly string[],
): Promise<void> {
  await writeFileAtomically(sealedPath(place, key, digest), JSON.stringify(ids), false);
}

/** The same, for the record's settling; null when it was sealed as usual. */
export async function loadSealedUsage(place: Place, key: string, digest: string): Promise<string[] | null> {
  const bytes = await readRegularFile(sealedPath(place, key, digest), MAX_STATE_BYTES);
  if (bytes === null) return null;
  const ids: unknown = parseJson(bytes.toString('utf8'));
  return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : null;
}

export function removeSealedUsage(place: Place, key: string, digest: string): Promise<void> {
  return removeFile(sealedPath(place, key, digest));
}

async function writtenAt(place: Place, key: string): Promise<number> {
  const info = await stat(statePath(place, key)).catch(() => null);
  return info?.mtimeMs ?? 0;
}

function statePath(place: Place, key: string): string {
  return join(place.sessions, key, 'state.json');
}

function sealedPath(place: Place, key: string, digest: string): string {
  return join(place.sessions, key, `sealed-${digestHex(digest)}.json`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
