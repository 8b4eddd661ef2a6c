import type { Workshop } from '../relaxed.ts';
import type { Situation } from '../situation.ts';
import { cleanPaths } from '../subset.ts';
import { type Way, withTree } from './way.ts';

/** Only the files git can take back, whole; the others stay as they are. Null where that changes nothing. */
export async function cleanPathsWay(shop: Workshop, situation: Situation): Promise<Way | null> {
  const found = await cleanPaths(shop, situation);
  if (found === null || found.tree === situation.tip.tree) return null;
  const { leftOut, tree } = found;
  return {
    option: { flag: '--clean-paths', verdict: 'clean', adds: [], leaves: [...leftOut] },
    dependants: [],
    chosenBy: (flags) => flags.cleanPaths === true,
    apply: (body) =>
      withTree(
        shop,
        found.situation,
        { ...body, verdict: 'clean', leftOut: [...new Set([...body.leftOut, ...leftOut])].sort() },
        tree,
      ),
  };
}
