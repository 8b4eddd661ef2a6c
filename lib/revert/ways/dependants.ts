import type { Ledger } from '../../ledger/ledger.ts';
import { closureOf } from '../closure.ts';
import { deletedSince } from '../deleted-since.ts';
import { dependantOf } from '../findings.ts';
import type { Workshop } from '../relaxed.ts';
import type { Situation } from '../situation.ts';
import { type Way, withTree } from './way.ts';

/** What depends on it goes, too; null where no such set is proven or it is more than `most`. */
export async function dependantsWay(
  ledger: Ledger,
  shop: Workshop,
  situation: Situation,
  most: number,
): Promise<Way | null> {
  const closure = await closureOf(shop.merge, situation.history, situation.going, most);
  if (closure === null) return null;
  const adds = closure.extras.map(({ change }) => change.commit);
  const dependants = await Promise.all(closure.extras.map((one) => dependantOf(ledger, one)));
  return {
    option: { flag: '--with-dependants', verdict: 'clean', adds },
    dependants,
    chosenBy: ({ withDependants, relaxed }) => withDependants === true && relaxed !== true,
    apply: async (body) => {
      const going = new Set([...situation.going, ...adds]);
      const superseded = await deletedSince(shop.scratch, situation.history, going, closure.keptDeleted);
      const kept = body.kept - adds.length;
      return withTree(
        shop,
        situation,
        { ...body, verdict: 'clean', dependants, kept, superseded },
        closure.tree,
      );
    },
  };
}
