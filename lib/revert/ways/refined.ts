import type { Ledger } from '../../ledger/ledger.ts';
import { type Refinements, refinedMerge } from '../kinds/refined-merge.ts';
import { dependantOf } from '../telling/findings.ts';
import { answer, type Closure, closureOf } from '../working-out/closure.ts';
import { deletedSince } from '../working-out/deleted-since.ts';
import type { Workshop } from '../working-out/relaxed.ts';
import type { Situation } from '../working-out/situation.ts';
import {
  type PlanBody,
  type PlanFlags,
  refinedWarnings,
  verdictOf,
  verifiedBy,
  type Way,
  withTree,
} from './way.ts';

/**
 * What git's merge can't do and one that knows the kind of a file can: both ways of working it out have to lead to the
 * same tree, as where git does it alone. Null where that is not so, or where it was of no use.
 */
export async function refinedWay(
  ledger: Ledger,
  shop: Workshop,
  situation: Situation,
  flags: PlanFlags,
  most: number,
): Promise<Way | null> {
  const told: Refinements = new Map();
  const merge = refinedMerge(shop, { formatter: flags.formatter ?? null, told });
  const found = await settled(merge, situation, most);
  if (found === null || told.size === 0) return null;
  const { tree, extras } = found;
  const verified = await verifiedBy(flags, situation, tree);
  const verdict = tree === situation.tip.tree ? 'noop' : verdictOf(verified);
  const dependants = await Promise.all(extras.map((one) => dependantOf(ledger, one)));
  const adds = extras.map(({ change }) => change.commit);
  const going = new Set([...situation.going, ...adds]);
  return {
    option: { flag: adds.length === 0 ? '--relaxed' : '--relaxed --with-dependants', verdict, adds },
    tree,
    going,
    dependants,
    verified,
    chosenBy: ({ relaxed, withDependants }) =>
      relaxed === true && verified !== false && (adds.length === 0 || withDependants === true),
    apply: async (body) => {
      const superseded = await deletedSince(shop.scratch, situation.history, going, found.keptDeleted);
      const kept = body.kept - adds.length;
      const start: PlanBody = { ...body, verdict, dependants, verified, superseded, kept };
      if (verdict === 'noop') return start;
      const plan = await withTree(shop, situation, start, { tree, going });
      return { ...plan, warnings: [...refinedWarnings(told, plan.files), ...plan.warnings] };
    },
  };
}

async function settled(
  merge: Workshop['merge'],
  { history, going }: Situation,
  most: number,
): Promise<Closure | null> {
  const { undone, without } = await answer(merge, history, going);
  if (undone.tree !== null && undone.tree === without)
    return { tree: without, extras: [], keptDeleted: undone.keptDeleted };
  return closureOf(merge, history, going, most);
}
