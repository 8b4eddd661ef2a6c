import type { Ledger } from '../../ledger/ledger.ts';
import { blockedIn, relaxedAnswer, relaxedClosure, type Workshop } from '../relaxed.ts';
import type { Situation } from '../situation.ts';
import { cleanPathsWay } from './clean-paths.ts';
import { dependantsWay } from './dependants.ts';
import { hunksWay } from './hunks.ts';
import { relaxedWay } from './relaxed.ts';
import type { PlanFlags, Way } from './way.ts';

const MOST_DEPENDANTS = 20;

/** Every way through a plan that is not clean, the most exact first. */
export async function waysThrough(
  ledger: Ledger,
  shop: Workshop,
  situation: Situation,
  flags: PlanFlags,
): Promise<Way[]> {
  const most = flags.mostDependants ?? MOST_DEPENDANTS;
  const { history, going } = situation;
  const exact = await dependantsWay(ledger, shop, situation, most);
  const ways = [exact];
  const relaxed = await relaxedAnswer(shop, history, going);
  if (relaxed !== null && blockedIn(relaxed) === 0)
    ways.push(await relaxedWay(ledger, shop, situation, { answer: relaxed, extras: [] }, flags));
  else if (relaxed !== null) {
    // Of use only where it takes less with it than the exact way.
    const fewer = exact === null ? most : exact.option.adds.length - 1;
    const closure = await relaxedClosure(shop, history, going, fewer);
    if (closure !== null) ways.push(await relaxedWay(ledger, shop, situation, closure, flags));
    ways.push(await hunksWay(shop, situation, relaxed, flags));
  }
  ways.push(await cleanPathsWay(shop, situation));
  return ways.filter((way) => way !== null);
}
