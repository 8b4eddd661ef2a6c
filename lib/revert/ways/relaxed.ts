import type { Ledger } from '../../ledger/ledger.ts';
import { supersededOf, whoMade } from '../findings.ts';
import type { RelaxedClosure, Workshop } from '../relaxed.ts';
import type { Situation } from '../situation.ts';
import { type PlanFlags, verdictOf, verifiedBy, type Way, withTree } from './way.ts';

/** Place by place, with what has to go for nothing to be blocked. */
export async function relaxedWay(
  ledger: Ledger,
  shop: Workshop,
  situation: Situation,
  { answer: found, extras }: RelaxedClosure,
  flags: PlanFlags,
): Promise<Way> {
  const verified = await verifiedBy(flags, situation, found.tree);
  const verdict = found.tree === situation.tip.tree ? 'noop' : verdictOf(verified);
  const dependants = await Promise.all(
    extras.map(async (commit) => ({ ...(await whoMade(ledger, commit)), why: 'it edits what would go' })),
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
