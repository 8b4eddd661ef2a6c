import type { Workshop } from '../working-out/relaxed.ts';
import type { Situation } from '../working-out/situation.ts';
import { cleanPaths } from '../working-out/subset.ts';
import { type PlanFlags, verifiedBy, type Way, withTree } from './way.ts';

/** Only the files git can take back, whole; the others stay as they are. Null where that changes nothing. */
export async function cleanPathsWay(
  shop: Workshop,
  situation: Situation,
  flags: PlanFlags,
): Promise<Way | null> {
  const found = await cleanPaths(shop, situation);
  if (found === null || found.tree === situation.tip.tree) return null;
  const { leftOut, tree, situation: less } = found;
  const verified = await verifiedBy(flags, situation, tree);
  const verdict = verified === false ? 'needs-decision' : 'clean';
  return {
    option: { flag: '--clean-paths', verdict, adds: [], leaves: [...leftOut] },
    tree,
    going: less.going,
    situation: less,
    dependants: [],
    chosenBy: (asked) => asked.cleanPaths === true && verified !== false,
    apply: (body) => {
      const all = [...new Set([...body.leftOut, ...leftOut])].sort();
      return withTree(shop, less, { ...body, verdict, verified, leftOut: all }, { tree, going: less.going });
    },
  };
}
