import { residueOf, supersededOf } from '../telling/findings.ts';
import type { RelaxedAnswer, Workshop } from '../working-out/relaxed.ts';
import type { Situation } from '../working-out/situation.ts';
import { type PlanFlags, verdictOf, verifiedBy, type Way, withTree } from './way.ts';

/** Whatever nobody has touched since goes, the rest stays; null where that changes nothing. */
export async function hunksWay(
  shop: Workshop,
  situation: Situation,
  found: RelaxedAnswer,
  flags: PlanFlags,
): Promise<Way | null> {
  if (found.tree === situation.tip.tree) return null;
  const verified = await verifiedBy(flags, situation, found.tree);
  const verdict = verdictOf(verified);
  const residue = residueOf(found.files);
  return {
    option: { flag: '--hunks', verdict, adds: [] },
    tree: found.tree,
    going: situation.going,
    dependants: [],
    verified,
    chosenBy: ({ hunks }) => hunks === true && verified !== false,
    apply: async (body) => ({
      ...(await withTree(
        shop,
        situation,
        { ...body, verdict },
        { tree: found.tree, going: situation.going },
      )),
      residue,
      verified,
      superseded: await supersededOf(shop, situation.history, situation.going, found.files),
    }),
  };
}
