import type { Change } from '../working-out/change.ts';
import { chosenPaths, commitOf, narrowed } from '../working-out/narrow.ts';
import { blockedIn, relaxedAnswer, type Workshop } from '../working-out/relaxed.ts';
import { pathsOf } from '../working-out/touched-paths.ts';
import { undo } from '../working-out/undo.ts';
import type { Turn } from './turn.ts';

/** How a commit was shown to turn others back: all of them, some paths, or places within files. */
export type Proof =
  | { readonly of: 'all' }
  | { readonly of: 'paths'; readonly paths: ReadonlyMap<Turn, ReadonlySet<string>> }
  | { readonly of: 'places' };

export interface Said {
  /** What a commit did. */
  readonly change: Change;
  /** What it is said to turn back, in the order of the branch. */
  readonly turns: readonly Turn[];
  /** Other commits it is said to take back. */
  readonly also: readonly Change[];
  /** Where a commit stands on the branch. */
  readonly placeOf: (commit: string) => number;
}

/**
 * Shows that a commit turns others back: its tree is the one that doing so leads to, and nothing else is in it. Null when it
 * is somebody's own work, whatever its message says.
 */
export async function proofOf(shop: Workshop, said: Said): Promise<Proof | null> {
  if (said.turns.length === 0 || said.change.before === said.change.after) return null;
  const whole = await leadsTo(shop, said, await liveChanges(shop, said.turns));
  if (whole === 'yes') return { of: 'all' };
  for (const other of ['wider', 'narrower'] as const) {
    if (said.turns.every((turn) => turn[other] === null)) continue;
    const changes = said.turns.flatMap((turn) => turn[other] ?? turn.changes);
    if ((await leadsTo(shop, said, changes)) === 'yes') return { of: 'all' };
  }
  return (await byPaths(shop, said)) ?? (whole === 'conflict' ? byPlaces(shop, said) : null);
}

async function leadsTo(
  { merge }: Workshop,
  said: Said,
  changes: readonly Change[],
): Promise<'yes' | 'no' | 'conflict'> {
  const { change } = said;
  const { tree } = await undo(merge, change.before, inOrder(said, changes));
  if (tree === null) return 'conflict';
  return tree === change.after ? 'yes' : 'no';
}

function inOrder({ also, placeOf }: Said, changes: readonly Change[]): Change[] {
  const place = (change: Change): number => placeOf(commitOf(change));
  return [...changes, ...also].sort((a, b) => place(a) - place(b));
}

async function byPaths(shop: Workshop, said: Said): Promise<Proof | null> {
  const { change, turns } = said;
  const touched = await pathsOf(shop.scratch, change);
  const paths = new Map<Turn, ReadonlySet<string>>();
  let isLess = false;
  for (const turn of turns) {
    const { chosen, rest } = await touchedOf(shop, turn, change.before, touched);
    if (chosen.size > 0) paths.set(turn, chosen);
    isLess ||= rest > 0;
  }
  if (!isLess || paths.size === 0) return null;
  const changes = await liveChanges(shop, [...paths.keys()], paths);
  return (await leadsTo(shop, said, changes)) === 'yes' ? { of: 'paths', paths } : null;
}

/** Paths of a turn that are among some, as they were called then or are now, and how many are not. */
async function touchedOf(
  { scratch }: Workshop,
  turn: Turn,
  now: string,
  touched: ReadonlySet<string>,
): Promise<{ readonly chosen: ReadonlySet<string>; readonly rest: number }> {
  const chosen = new Set<string>();
  const all = new Set<string>();
  for (const change of turn.changes) {
    for (const path of await pathsOf(scratch, change)) all.add(path);
    for (const path of await chosenPaths(scratch, change, now, (one) => touched.has(one))) chosen.add(path);
  }
  const live = [...all].filter((path) => !turn.turned.has(path));
  return {
    chosen: new Set(live.filter((path) => chosen.has(path))),
    rest: live.filter((path) => !chosen.has(path)).length,
  };
}

async function byPlaces(shop: Workshop, said: Said): Promise<Proof | null> {
  const { change } = said;
  const changes = inOrder(said, await liveChanges(shop, said.turns));
  const going = new Set(changes.map(({ commit }) => commit));
  const history = { base: '', head: change.before, changes, touching: async () => new Set<string>() };
  const answer = await relaxedAnswer(shop, history, going);
  if (answer?.tree !== change.after) return null;
  return { of: blockedIn(answer) === 0 ? 'all' : 'places' };
}

/** What of some turns holds still, of some paths if any are given. */
export async function liveChanges(
  { scratch }: Workshop,
  turns: readonly Turn[],
  only: ReadonlyMap<Turn, ReadonlySet<string>> | null = null,
): Promise<readonly Change[]> {
  const changes = turns.flatMap((turn) => turn.changes);
  if (only === null && turns.every(({ turned }) => turned.size === 0)) return changes;
  const stays = new Map<Change, ReadonlySet<string>>();
  for (const turn of turns) {
    const wanted = only?.get(turn);
    const isStaying = (path: string): boolean => turn.turned.has(path) || wanted?.has(path) === false;
    for (const change of turn.changes) {
      const paths = [...(await pathsOf(scratch, change))];
      stays.set(change, new Set(paths.filter(isStaying)));
    }
  }
  const going = new Set(changes.map(({ commit }) => commit));
  const divided = await narrowed(scratch, { changes, going }, (change) => stays.get(change) ?? new Set());
  return divided.changes.filter(({ commit }) => divided.going.has(commit));
}
