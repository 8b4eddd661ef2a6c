import type { Ledger } from '../../ledger/ledger.ts';
import { problemsIn } from '../checks/problems.ts';
import { blockedIn, relaxedAnswer, relaxedClosure, type Workshop } from '../relaxed.ts';
import type { Situation } from '../situation.ts';
import { cleanPathsWay } from './clean-paths.ts';
import { dependantsWay } from './dependants.ts';
import { hunksWay } from './hunks.ts';
import { refinedWay } from './refined.ts';
import { relaxedWay } from './relaxed.ts';
import type { PlanFlags, Way } from './way.ts';

const MOST_DEPENDANTS = 20;

/** Ways that lead to a sound tree, and what is wrong with the others. */
export interface WaysThrough {
  readonly ways: readonly Way[];
  readonly unsound: readonly string[];
}

/** Every way through a plan that is not clean, the most exact first; `failed` is a tree that is known not to do. */
export async function waysThrough(
  ledger: Ledger,
  shop: Workshop,
  situation: Situation,
  flags: PlanFlags,
  failed: string | null,
): Promise<WaysThrough> {
  const ways: Way[] = [];
  const unsound: string[] = [];
  if (situation.inseparable.length > 0) return { ways, unsound };
  for (const way of await allWays(ledger, shop, situation, flags)) {
    if (way.tree === failed) continue;
    const faults = await problemsIn(shop, way.situation ?? situation, way.going, way.tree);
    if (way.verified === false) unsound.push(`with ${way.option.flag} the verify command fails`);
    if (faults.length === 0) ways.push(way);
    else unsound.push(...faults.map((fault) => `with ${way.option.flag} ${fault}`));
  }
  return { ways, unsound };
}

async function allWays(
  ledger: Ledger,
  shop: Workshop,
  situation: Situation,
  flags: PlanFlags,
): Promise<Way[]> {
  const most = flags.mostDependants ?? MOST_DEPENDANTS;
  const { history, going } = situation;
  const exact = await dependantsWay(ledger, shop, situation, flags, most);
  // Of use only where it takes less with it than the exact way.
  const fewer = exact === null ? most : exact.option.adds.length - 1;
  const refined = await refinedWay(ledger, shop, situation, flags, fewer);
  const ways = [exact, refined];
  if (refined?.option.adds.length === 0) return ways.filter((way) => way !== null);
  const relaxed = await relaxedAnswer(shop, history, going);
  if (relaxed !== null && blockedIn(relaxed) === 0)
    ways.push(await relaxedWay(ledger, shop, situation, { answer: relaxed, extras: [] }, flags));
  else if (relaxed !== null) {
    const most = refined === null ? fewer : Math.min(fewer, refined.option.adds.length - 1);
    const closure = await relaxedClosure(shop, history, going, most);
    if (closure !== null) ways.push(await relaxedWay(ledger, shop, situation, closure, flags));
    ways.push(await hunksWay(shop, situation, relaxed, flags));
  }
  ways.push(await cleanPathsWay(shop, situation, flags));
  return ways.filter((way) => way !== null);
}
