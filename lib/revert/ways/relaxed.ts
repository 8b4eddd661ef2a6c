import type { Ledger } from '../../ledger/ledger.ts';
import { supersededOf, whoMade } from '../telling/findings.ts';
import { type RelaxedClosure, relaxedClosure, type Workshop } from '../working-out/relaxed.ts';
import type { Situation } from '../working-out/situation.ts';
import { USES, verifiedClosure } from './verified-closure.ts';
import { type PlanFlags, verdictOf, verifiedBy, type Way, withTree } from './way.ts';

/** Place by place, with what has to go for nothing to be blocked, or for the verify command to be content. */
export async function relaxedWithDependantsWay(
  ledger: Ledger,
  shop: Workshop,
  situation: Situation,
  flags: PlanFlags,
  most: number,
): Promise<Way | null> {
  const { history } = situation;
  const found = await verifiedClosure(shop, situation, flags, most, async (members, left) => {
    const closure = await relaxedClosure(shop, history, members, left);
    return closure === null ? null : { ...closure, tree: closure.answer.tree };
  });
  if (found === null) return null;
  const { closure, named } = found;
  const all = new Set([...named, ...closure.extras]);
  const extras = history.changes.map(({ commit }) => commit).filter((commit) => all.has(commit));
  if (extras.length === 0) return null;
  return relaxedWay(ledger, shop, situation, { answer: closure.answer, extras }, flags, named);
}

/** Place by place; `extras` go besides, of which some were `named` by the verify command. */
export async function relaxedWay(
  ledger: Ledger,
  shop: Workshop,
  situation: Situation,
  { answer: found, extras }: RelaxedClosure,
  flags: PlanFlags,
  named: ReadonlySet<string> = new Set(),
): Promise<Way> {
  const verified = await verifiedBy(flags, situation, found.tree);
  const verdict = found.tree === situation.tip.tree ? 'noop' : verdictOf(verified);
  const dependants = await Promise.all(
    extras.map(async (commit) => ({
      ...(await whoMade(ledger, commit)),
      why: named.has(commit) ? USES : 'it edits what would go',
    })),
  );
  const going = new Set([...situation.going, ...extras]);
  return {
    option: {
      flag: extras.length === 0 ? '--relaxed' : '--relaxed --with-dependants',
      verdict,
      adds: [...extras],
    },
    tree: found.tree,
    going,
    dependants,
    verified,
    chosenBy: ({ relaxed, withDependants }) =>
      relaxed === true && verified !== false && (extras.length === 0 || withDependants === true),
    apply: async (body) => ({
      ...(verdict === 'noop'
        ? { ...body, verdict }
        : await withTree(shop, situation, { ...body, verdict }, { tree: found.tree, going })),
      dependants,
      kept: body.kept - extras.length,
      verified,
      superseded: await supersededOf(shop, situation.history, going, found.files),
    }),
  };
}
