import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { dependantOf, whoMade } from '../telling/findings.ts';
import { type Closure, closureOf } from '../working-out/closure.ts';
import { deletedSince } from '../working-out/deleted-since.ts';
import type { Workshop } from '../working-out/relaxed.ts';
import type { Situation } from '../working-out/situation.ts';
import { USES, verifiedClosure } from './verified-closure.ts';
import { type PlanBody, type PlanFlags, type Way, withTree } from './way.ts';

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
  const found = await verifiedClosure(shop, situation, flags, most, async (members, left) => {
    const closure = await closureOf(shop.merge, situation.history, members, left);
    if (closure === null) return null;
    return { tree: closure.tree, extras: closure.extras.map(({ change }) => change.commit), closure };
  });
  if (found === null || found.verified === false) return null;
  const { closure, named, verified } = { ...found, closure: found.closure.closure };
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
      return { ...(await whoMade(ledger, commit)), why: USES };
    }),
  );
}
