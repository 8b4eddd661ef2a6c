import { sumRedactions } from '../../core/records/redact.ts';
import { type PiiSettings, piiSettings } from '../../core/secrets/pii.ts';
import type { GitConfig } from '../../git/repository/config.ts';
import type { Repository } from '../../git/repository/repository.ts';
import type { AgentEvent } from '../agents/events.ts';
import type { Place } from '../place.ts';
import { joinParent } from '../session/fork.ts';
import { loadSession, openSession, recentSessions, saveSession } from '../session/session-store.ts';
import { storeTexts } from '../session/texts.ts';
import { adapterContext, type RepositoryContext } from './adapter-context.ts';
import { type Arrived, bySession, foldArrived, readEvent } from './arrived.ts';
import { writeJournal } from './journal.ts';
import { clearSpool, readSpool } from './spool.ts';

/**
 * Takes everything the agents' hooks have spooled into the sessions it belongs to: texts redacted and stored, states
 * saved, spool cleared. `also` names a session whose transcript is read even when it spooled nothing. Call it under
 * the lock.
 */
export async function ingest(
  repo: Repository,
  place: Place,
  also: string | null,
  config: GitConfig,
): Promise<void> {
  const context = await adapterContext(repo);
  const read = (await readSpool(place)).map((entry) => readEvent(entry, context));
  const groups = bySession(read);
  if (also !== null && !groups.has(also)) groups.set(also, []);
  for (const [key, group] of groups)
    await ingestSession({ repo, place, context, pii: piiSettings(config) }, key, group);
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
  config: GitConfig,
): Promise<void> {
  const arrived = events.map((one) => ({ ...one, route: 'history', tooLarge: false }));
  const scene = { repo, place, context: await adapterContext(repo), pii: piiSettings(config) };
  await ingestSession(scene, key, arrived);
}

interface Scene {
  readonly repo: Repository;
  readonly place: Place;
  readonly context: RepositoryContext;
  readonly pii: PiiSettings;
}

async function ingestSession(
  { repo, place, context, pii }: Scene,
  key: string,
  arrived: readonly Arrived[],
): Promise<void> {
  const first = arrived[0]?.event;
  const state =
    first === undefined
      ? await loadSession(place, key)
      : await openSession(place, key, first.agent, first.sessionId);
  if (state === null) return;
  const taken = await foldArrived(repo, context, state, arrived, pii);
  if (taken === null) return;
  if (state.isFork && state.inherited.length > 0) joinParent(state, await recentSessions(place, 0));
  state.redactions = sumRedactions([state.redactions, taken.redactions]);
  await storeTexts(place, key, taken.stored);
  await saveSession(place, state);
}
