import type { Ledger } from '../../ledger/ledger.ts';
import { leftElsewhere } from '../checks/left-elsewhere.ts';
import { problemsIn } from '../checks/problems.ts';
import { UNLIMITED } from '../working-out/budget.ts';
import { blockedIn, relaxedAnswer, type Workshop } from '../working-out/relaxed.ts';
import type { Situation } from '../working-out/situation.ts';
import { cleanPathsWay } from './clean-paths.ts';
import { dependantsWay } from './dependants.ts';
import { hunksWay } from './hunks.ts';
import { refinedWay } from './refined.ts';
import { regenerateWay, regenerationOf } from './regenerate.ts';
import { relaxedWay, relaxedWithDependantsWay } from './relaxed.ts';
import type { Option, PlanFlags, Way } from './way.ts';

const MOST_DEPENDANTS = 20;

/** Ways that lead to a sound tree, and what is wrong with the others. */
export interface WaysThrough {
  readonly ways: readonly Way[];
  readonly unsound: readonly string[];
  /** Ways that are known to be there, and are worked out on request only: for them the user's own commands run. */
  readonly onRequest: readonly Option[];
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
  if (situation.inseparable.length > 0) return { ways, unsound, onRequest: [] };
  const made = await madeAgain(ledger, shop, situation, flags);
  if (made.failure !== null) unsound.push(`with --regenerate ${made.failure}`);
  const rules = flags.regenerator?.rules ?? [];
  for (const way of [...made.ways, ...(await allWays(ledger, shop, situation, flags))]) {
    // What a tool has made may be just what a merge did.
    if (way.tree === failed && way.isRemade === undefined) continue;
    const derived = { rules, ...(way.isRemade && { isRemade: way.isRemade }) };
    const place = way.situation ?? situation;
    const faults = await problemsIn(shop, place, way.going, way.tree, derived);
    // What nobody can take back by places is told as what stays.
    if (way.option.flag !== '--hunks')
      faults.push(...(await leftElsewhere(shop, place, way.going, way.tree)));
    if (way.verified === false) unsound.push(`with ${way.option.flag} the verify command fails`);
    if (faults.length === 0) ways.push(way);
    else unsound.push(...faults.map((fault) => `with ${way.option.flag} ${fault}`));
  }
  return { ways, unsound, onRequest: made.onRequest };
}

interface MadeAgain {
  readonly ways: readonly Way[];
  readonly onRequest: readonly Option[];
  readonly failure: string | null;
}

const NOTHING: MadeAgain = { ways: [], onRequest: [], failure: null };

/** With files that tools make left out of the merge. The tools run where somebody asks for that, and only then. */
async function madeAgain(
  ledger: Ledger,
  shop: Workshop,
  situation: Situation,
  flags: PlanFlags,
): Promise<MadeAgain> {
  if ((flags.regenerator?.rules ?? []).length === 0) return NOTHING;
  const { budget = UNLIMITED } = shop;
  const most = flags.mostDependants ?? MOST_DEPENDANTS;
  const found = await budget.attempt('--regenerate', () => regenerationOf(shop, situation, flags, most));
  if (found === null) return NOTHING;
  if (flags.regenerate !== true) return { ...NOTHING, onRequest: [found.option] };
  const way = await regenerateWay(ledger, shop, situation, flags, found);
  return typeof way === 'string' ? { ...NOTHING, failure: way } : { ...NOTHING, ways: [way] };
}

async function allWays(
  ledger: Ledger,
  shop: Workshop,
  situation: Situation,
  flags: PlanFlags,
): Promise<Way[]> {
  const { attempt } = shop.budget ?? UNLIMITED;
  const most = flags.mostDependants ?? MOST_DEPENDANTS;
  const { history, going } = situation;
  const exact = await attempt('--with-dependants', () => dependantsWay(ledger, shop, situation, flags, most));
  // Of use only where it takes less with it than the exact way.
  const fewer = exact === null ? most : exact.option.adds.length - 1;
  const refined = await attempt('--relaxed', () => refinedWay(ledger, shop, situation, flags, fewer));
  const ways = [exact, refined];
  if (refined?.option.adds.length === 0) return ways.filter((way) => way !== null);
  const relaxed = await attempt('--relaxed', () => relaxedAnswer(shop, history, going));
  const isWhole = relaxed !== null && blockedIn(relaxed) === 0;
  const plain = isWhole
    ? await relaxedWay(ledger, shop, situation, { answer: relaxed, extras: [] }, flags)
    : null;
  ways.push(plain);
  if (relaxed !== null && (plain === null || plain.verified === false)) {
    const most = refined === null ? fewer : Math.min(fewer, refined.option.adds.length - 1);
    ways.push(
      await attempt('--relaxed --with-dependants', () =>
        relaxedWithDependantsWay(ledger, shop, situation, flags, most),
      ),
    );
  }
  if (relaxed !== null && !isWhole)
    ways.push(await attempt('--hunks', () => hunksWay(shop, situation, relaxed, flags)));
  ways.push(await attempt('--clean-paths', () => cleanPathsWay(shop, situation, flags)));
  return ways.filter((way) => way !== null);
}
