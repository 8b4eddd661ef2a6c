import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { complainedAbout } from '../checks/complaints.ts';
import { type Closure, closureOf } from '../closure.ts';
import { deletedSince } from '../deleted-since.ts';
import { dependantOf, whoMade } from '../findings.ts';
import type { Workshop } from '../relaxed.ts';
import type { Situation } from '../situation.ts';
import { type PlanBody, type PlanFlags, verifiedBy, type Way, withTree } from './way.ts';

/** A verify command may take minutes: so often it is asked, and no more. */
const MOST_RUNS = 6;

/**
 * What depends on it goes, too: what git can't keep without it, and what the verify command says is broken without it.
 * Null where no such set is proven, where it is more than `most`, or where nothing has to go.
 */
export async function dependantsWay(
  ledger: Ledger,
  shop: Workshop,
  situation: Situation,
  flags: PlanFlags,
  most: number,
): Promise<Way | null> {
  const found = await verifiedClosure(shop, situation, flags, most);
  if (found === null) return null;
  const { closure, named, verified } = found;
  const dependants = await told(ledger, situation, closure, named);
  const adds = dependants.map(({ commit }) => commit);
  if (adds.length === 0) return null;
  const going = new Set([...situation.going, ...adds]);
  return {
    option: { flag: '--with-dependants', verdict: 'clean', adds },
    tree: closure.tree,
    going,
    dependants,
    chosenBy: ({ withDependants, relaxed }) => withDependants === true && relaxed !== true,
    apply: async (body) => {
      const superseded = await deletedSince(shop.scratch, situation.history, going, closure.keptDeleted);
      const kept = body.kept - adds.length;
      const start: PlanBody = { ...body, verdict: 'clean', verified, dependants, kept, superseded };
      return withTree(shop, situation, start, { tree: closure.tree, going });
    },
  };
}

interface VerifiedClosure {
  readonly closure: Closure;
  /** What goes because the verify command named it. */
  readonly named: ReadonlySet<string>;
  readonly verified: boolean | null;
}

/** Asks the verify command about each set, and takes in whoever it complains about, until it is content. */
async function verifiedClosure(
  shop: Workshop,
  situation: Situation,
  flags: PlanFlags,
  most: number,
): Promise<VerifiedClosure | null> {
  const named = new Set<string>();
  for (let run = 0; run < MOST_RUNS; run++) {
    situation.history.checkTime?.();
    const found = await closureWith(shop, situation, named, most);
    if (found === null) return null;
    const verified = await verifiedBy(flags, situation, found.tree);
    if (verified !== false) return prune(shop, situation, flags, most, { closure: found, named, verified });
    const extras = found.extras.map(({ change }) => change.commit);
    const going = new Set([...situation.going, ...named, ...extras]);
    const more = await complainedAbout(shop, situation, going, {
      tree: found.tree,
      said: flags.complaints?.(found.tree) ?? '',
    });
    if (more.length === 0 || named.size + extras.length + more.length > most) return null;
    for (const commit of more) named.add(commit);
  }
  return null;
}

function closureWith(
  { merge }: Workshop,
  { history, going }: Situation,
  named: ReadonlySet<string>,
  most: number,
): Promise<Closure | null> {
  return closureOf(merge, history, new Set([...going, ...named]), most - named.size);
}

/** Each that was named and is not needed stays after all; asked of the verify command, as often as that may be. */
async function prune(
  shop: Workshop,
  situation: Situation,
  flags: PlanFlags,
  most: number,
  found: VerifiedClosure,
): Promise<VerifiedClosure> {
  let best = found;
  for (const commit of [...found.named].slice(0, MOST_RUNS).reverse()) {
    const named = new Set([...best.named].filter((one) => one !== commit));
    const closure = await closureWith(shop, situation, named, most);
    const isFewer = closure !== null && closure.extras.length <= best.closure.extras.length;
    if (closure !== null && isFewer && (await verifiedBy(flags, situation, closure.tree)) === true)
      best = { closure, named, verified: true };
  }
  return best;
}

async function told(
  ledger: Ledger,
  { history }: Situation,
  { extras }: Closure,
  named: ReadonlySet<string>,
): Promise<RevertPlan['dependants']> {
  const byCommit = new Map(extras.map((one) => [one.change.commit, one]));
  const going = history.changes.filter(({ commit }) => named.has(commit) || byCommit.has(commit));
  return Promise.all(
    going.map(async ({ commit }) => {
      const one = byCommit.get(commit);
      if (one !== undefined) return dependantOf(ledger, one);
      return { ...(await whoMade(ledger, commit)), why: 'it uses what goes, as the verify command says' };
    }),
  );
}
