import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { piiSettings } from '../../core/secrets/pii.ts';
import type { GitConfig } from '../../git/repository/config.ts';
import type { Repository } from '../../git/repository/repository.ts';
import type { DetectedAgent } from '../agents/detect.ts';
import type { Place } from '../place.ts';
import { homeOf } from '../registry.ts';
import { newSession, promptMark, type SessionState } from '../session/session.ts';
import { loadSession } from '../session/session-store.ts';
import { storeTexts } from '../session/texts.ts';
import { adapterContext, type RepositoryContext } from '../spool/adapter-context.ts';
import { type Arrived, bySession, foldArrived, readEvent } from '../spool/arrived.ts';
import { readSpool } from '../spool/spool.ts';
import { boundaryUnit, type CommitPlace, isDefaultBranch } from '../transaction/boundary.ts';

/** A session whose hooks report to another clone of this user, as it concerns this repository. */
export interface BorrowedSession {
  readonly session: SessionState;
  /** Where it stands there: that decides which of its tasks a commit here belongs to. */
  readonly stands: CommitPlace;
  /** The clone its hooks report to. */
  readonly home: Place;
}

export interface BorrowContext {
  readonly repo: Repository;
  readonly place: Place;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly config: GitConfig;
}

/**
 * Looks for the session in the clone its hooks report to, and reads there, without writing: what that clone knows of it,
 * and what waits in its spool. Null when the session is at home here, or nobody knows it.
 */
export async function borrowSession(
  { repo, place, env, config }: BorrowContext,
  agent: DetectedAgent,
  own: SessionState,
): Promise<BorrowedSession | null> {
  const { key } = own;
  const home = agent.sessionId === null ? null : await homeOf(env, agent.name, agent.sessionId, place);
  if (home === null) return null;
  const context = await adapterContext(repo);
  // The spool first: an event that is taken in meanwhile is then seen twice, and counted once.
  const read = (await readSpool(home)).map((entry) => readEvent(entry, context));
  const spooled = bySession(read).get(key) ?? [];
  const there = (await loadSession(home, key)) ?? newSession(key, agent.name, own.sessionId);
  if (there.agent !== agent.name || there.sessionId !== own.sessionId) return null;
  const seen = seenFrom(there, context);
  const taken = await foldArrived(repo, context, seen, spooled, piiSettings(config));
  if (taken !== null) await storeTexts(place, key, taken.stored);
  const remoteHead = await remoteHeadOf(home);
  return {
    session: merged(own, seen),
    stands: {
      ...standOf(there, spooled),
      isDefault: (branch) => isDefaultBranch(branch, remoteHead, config),
      unit: boundaryUnit(config),
    },
    home,
  };
}

/** Where the session's own loop was last seen at its home. */
function standOf(there: SessionState, spooled: readonly Arrived[]): Omit<CommitPlace, 'isDefault' | 'unit'> {
  const look = spooled
    .filter(({ event }) => event.subagent === undefined)
    .findLast(({ event }) => event.snapshot?.elsewhere === true)?.event.snapshot;
  return look === undefined
    ? (there.home ?? { top: null, branch: null })
    : { top: look.top, branch: look.branch };
}

/** A session as another repository sees it: paths, commits and looks at worktrees are its own repository's, not ours. */
function seenFrom(state: SessionState, context: RepositoryContext): SessionState {
  const writes = new Map(
    [...state.elsewhere].flatMap(([file, known]) => {
      const path = context.pathInRepository(file, null);
      return path === null ? [] : [[path, known] as const];
    }),
  );
  return {
    ...state,
    writes,
    elsewhere: new Map(),
    base: null,
    currentPrompt: state.currentPrompt === null ? null : { ...state.currentPrompt, base: null },
    prompts: state.prompts.map((prompt) => ({ ...prompt, base: null })),
    calls: state.calls.map(({ files: _files, ...call }) => call),
    open: new Map([...state.open].map(([id, { before: _before, ...call }]) => [id, call])),
    shellCalls: [],
    context: state.context.filter(({ kind }) => kind !== 'file' && kind !== 'instructions'),
    redactions: [],
    lastRecord: null,
    endedAt: null,
  };
}

/** What this repository knows of the session and has recorded of it, with what is new at its home. */
function merged(own: SessionState, seen: SessionState): SessionState {
  const taken = new Set(own.taken);
  const recorded = new Set(own.recordedUsage);
  const calls = [...own.calls, ...seen.calls].filter(({ id }) => !taken.has(id));
  return {
    ...seen,
    key: own.key,
    isBorrowed: true,
    prompts: seen.prompts.filter((prompt) => !taken.has(promptMark(prompt))),
    calls: [...new Map(calls.map((call) => [call.id, call])).values()],
    usage: new Map([...seen.usage].filter(([id]) => !recorded.has(id))),
    writes: new Map([...own.writes, ...seen.writes]),
    recordedUsage: own.recordedUsage,
    sealedUsage: own.sealedUsage,
    txns: new Map([...own.txns, ...seen.txns]),
    lastRecord: own.lastRecord,
    taken: own.taken,
  };
}

/** As the other clone's own files tell it: no git is started for it. */
async function remoteHeadOf(home: Place): Promise<string | null> {
  const file = join(dirname(home.dir), 'refs', 'remotes', 'origin', 'HEAD');
  const head = await readFile(file, 'utf8').catch(() => '');
  return /^ref: refs\/remotes\/origin\/(.+)\n?$/.exec(head)?.[1] ?? null;
}
