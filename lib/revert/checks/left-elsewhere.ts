import { entryAt } from '../kinds/tree-entry.ts';
import { namesIn } from '../members/names.ts';
import { lettersIn, TELLING, tellingLines } from '../working-out/carried-off.ts';
import { type Change, runsOf } from '../working-out/change.ts';
import type { Workshop } from '../working-out/relaxed.ts';
import type { Situation } from '../working-out/situation.ts';
import { nameOf } from '../working-out/touched-paths.ts';

/**
 * Files the work added that a result leaves where they are now, in words. Where one was renamed and rewritten since, git
 * sees it deleted on both sides, which is no conflict, and all of it stays.
 */
export async function leftElsewhere(
  shop: Workshop,
  { history, tip }: Situation,
  going: ReadonlySet<string>,
  tree: string,
): Promise<string[]> {
  const faults = new Set<string>();
  const [changed = []] = await shop.scratch.diffs.between([{ from: tip.tree, to: tree }]);
  const known = new Set(changed.flatMap(({ path, from }) => (from === null ? [] : [nameOf(path)])));
  for (const { path, oid, landed } of await addedBy(shop, history.changes, going)) {
    if (known.has(path) || (await entryAt(shop.reader, tip.tree, path)) !== null) continue;
    const names = await namesIn(shop.scratch, history.changes);
    const now = names.since(landed, path).at(-1) ?? null;
    if (now === null) {
      if (await shop.carriedOff(path)) faults.add(`lines of ${path}, which it added, live on elsewhere`);
    } else if (await isLeft(shop, { oid, now, tip: tip.tree, tree }))
      faults.add(`${path}, which it added, is ${now} now, and would stay`);
  }
  return [...faults];
}

interface Added {
  readonly path: string;
  readonly oid: string;
  readonly landed: string;
}

async function addedBy(
  { scratch }: Workshop,
  changes: readonly Change[],
  going: ReadonlySet<string>,
): Promise<Added[]> {
  const runs = runsOf(changes.filter(({ commit }) => going.has(commit)));
  const diffs = await scratch.diffs.between(runs.map(({ before, after }) => ({ from: before, to: after })));
  return runs.flatMap(({ changes: run }, at) =>
    (diffs[at] ?? []).flatMap(({ path: bytes, from, to }) => {
      const path = nameOf(bytes);
      if (from !== null || to === null || path === null) return [];
      return [{ path, oid: to.oid, landed: run.at(-1)?.commit ?? '' }];
    }),
  );
}

/** Lines of it are in the file under its new name, and the result has that file as it is. */
async function isLeft(
  { reader }: Workshop,
  { oid, now, tip, tree }: { oid: string; now: string; tip: string; tree: string },
): Promise<boolean> {
  const [there, after] = await Promise.all([entryAt(reader, tip, now), entryAt(reader, tree, now)]);
  if (there === null || after?.oid !== there.oid) return false;
  const [work, present] = await Promise.all([tellingLines(reader, oid), tellingLines(reader, there.oid)]);
  return lettersIn([...work].filter((line) => present.has(line)).join('')) >= TELLING;
}
