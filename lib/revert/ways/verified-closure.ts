import { complainedAbout } from '../checks/complaints.ts';
import type { Workshop } from '../working-out/relaxed.ts';
import type { Situation } from '../working-out/situation.ts';
import { type PlanFlags, verifiedBy } from './way.ts';

/** A verify command may take minutes: so often it is asked, and no more. */
const MOST_RUNS = 6;

/** Why what the verify command names goes, too. */
export const USES = 'it uses what goes, as the verify command says';

/** A tree, and the commits that have to go for it besides those asked for. */
export interface Proposed {
  readonly tree: string;
  readonly extras: readonly string[];
}

/** What goes besides some commits for them to go; null where that is nothing proven, or more than `most`. */
export type ProposeFor<T extends Proposed> = (going: ReadonlySet<string>, most: number) => Promise<T | null>;

export interface Verified<T extends Proposed> {
  readonly closure: T;
  /** What goes because the verify command named it. */
  readonly named: ReadonlySet<string>;
  /** Null where there is no verify command; false where it fails and names nobody who could go, too. */
  readonly verified: boolean | null;
}

/** Asks the verify command about each set, and takes in whoever it complains about, until it is content. */
export async function verifiedClosure<T extends Proposed>(
  shop: Workshop,
  situation: Situation,
  flags: PlanFlags,
  most: number,
  propose: ProposeFor<T>,
): Promise<Verified<T> | null> {
  const { going, history } = situation;
  const named = new Set<string>();
  for (let run = 0; run < MOST_RUNS; run++) {
    history.checkTime?.();
    const closure = await propose(new Set([...going, ...named]), most - named.size);
    if (closure === null) return null;
    const verified = await verifiedBy(flags, situation, closure.tree);
    const found = { closure, named, verified };
    if (verified !== false) return prune(situation, flags, most, found, propose);
    const { tree, extras } = closure;
    const all = new Set([...going, ...named, ...extras]);
    const said = flags.complaints?.(tree) ?? '';
    const more = await complainedAbout(shop, situation, all, { tree, said });
    if (more.length === 0 || named.size + extras.length + more.length > most) return found;
    for (const commit of more) named.add(commit);
  }
  return null;
}

/** Each that was named and is not needed stays after all; asked of the verify command, as often as that may be. */
async function prune<T extends Proposed>(
  situation: Situation,
  flags: PlanFlags,
  most: number,
  found: Verified<T>,
  propose: ProposeFor<T>,
): Promise<Verified<T>> {
  let best = found;
  for (const commit of [...found.named].slice(0, MOST_RUNS).reverse()) {
    const named = new Set([...best.named].filter((one) => one !== commit));
    const closure = await propose(new Set([...situation.going, ...named]), most - named.size);
    const isFewer = closure !== null && closure.extras.length <= best.closure.extras.length;
    if (closure !== null && isFewer && (await verifiedBy(flags, situation, closure.tree)) === true)
      best = { closure, named, verified: true };
  }
  return best;
}
