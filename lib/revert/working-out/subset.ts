import type { Change } from './change.ts';
import { answer } from './closure.ts';
import { chosenPaths, commitOf, narrowed, readNames } from './narrow.ts';
import type { Workshop } from './relaxed.ts';
import type { Situation } from './situation.ts';
import { pathsOf } from './touched-paths.ts';

/** A situation in which less is to go, and the paths that stay for that. */
export interface Subset {
  readonly situation: Situation;
  readonly leftOut: readonly string[];
}

/** Only some paths or folders, as they were called when the work was done or are now. */
export function onlyPaths(
  shop: Workshop,
  situation: Situation,
  paths: readonly string[],
): Promise<Subset | null> {
  const isMeant = (path: string): boolean => paths.some((one) => isWithin(path, one));
  return subset(shop, situation, async (change, all) => {
    const chosen = await chosenPaths(shop.scratch, change, situation.tip.tree, isMeant);
    return new Set([...all].filter((path) => !chosen.has(path)));
  });
}

function isWithin(path: string, folder: string): boolean {
  return folder === '' || folder === '.' || path === folder || path.startsWith(`${folder}/`);
}

const MOST_ROUNDS = 20;

/** Only the paths that git can take back; null where that is all of them, or none. */
export async function cleanPaths(
  shop: Workshop,
  situation: Situation,
): Promise<(Subset & { readonly tree: string }) | null> {
  const dirty = new Set<string>();
  let less: Subset = { situation, leftOut: [] };
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { history } = less.situation;
    history.checkTime?.();
    const { undone, without, isCutOff } = await answer(shop.merge, history, less.situation.going);
    if (isCutOff) history.checkTime?.();
    if (undone.tree !== null) {
      const isSure = without === null || without === undone.tree;
      return isSure && less.leftOut.length > 0 ? { ...less, tree: undone.tree } : null;
    }
    for (const path of undone.stopped.conflicts.flatMap(({ paths }) => paths)) dirty.add(path);
    const fewer = await subset(shop, situation, (change) =>
      chosenPaths(shop.scratch, change, situation.tip.tree, (path) => dirty.has(path)),
    );
    if (fewer === null || fewer.leftOut.length === less.leftOut.length) return null;
    less = fewer;
  }
  return null;
}

/** Null when nothing would go. */
async function subset(
  shop: Workshop,
  situation: Situation,
  staysOf: (change: Change, all: ReadonlySet<string>) => Promise<ReadonlySet<string>>,
): Promise<Subset | null> {
  const { history, going } = situation;
  const stays = new Map<Change, ReadonlySet<string>>();
  const work = history.changes.filter(({ commit }) => going.has(commit));
  await readNames(shop.scratch, work, situation.tip.tree);
  for (const change of work) stays.set(change, await staysOf(change, await pathsOf(shop.scratch, change)));
  const left = await narrowed(shop.scratch, { changes: history.changes, going }, (change) => {
    return stays.get(change) ?? new Set();
  });
  if (left.going.size === 0) return null;
  const touched = new Set(left.changes.filter(({ commit }) => left.going.has(commit)).map(commitOf));
  const units = situation.units.filter(({ commit }) => touched.has(commit));
  return {
    situation: { ...situation, units, history: { ...history, changes: left.changes }, going: left.going },
    leftOut: [...new Set([...stays.values()].flatMap((paths) => [...paths]))].sort(),
  };
}
