import type { Ledger } from '../ledger/ledger.ts';
import { type Answers, answer } from './closure.ts';
import { deletedSince } from './deleted-since.ts';
import { blockersOf } from './findings.ts';
import type { Workshop } from './relaxed.ts';
import type { Situation } from './situation.ts';
import { BY_HAND } from './ways/by-hand.ts';
import { waysThrough } from './ways/through.ts';
import { type PlanBody, type PlanFlags, withTree } from './ways/way.ts';

/** What can be done, with each way through worked out where it is not plain. */
export async function settle(
  ledger: Ledger,
  shop: Workshop,
  situation: Situation,
  start: PlanBody,
  flags: PlanFlags,
): Promise<PlanBody> {
  const { history, going, tip } = situation;
  const kept = history.changes.filter(({ commit }) => !going.has(commit)).length;
  const body = { ...start, kept };
  const answers = await answer(shop.merge, history, going);
  const tree = situation.inseparable.length > 0 ? null : settledTree(answers);
  if (tree !== null) {
    const superseded = await deletedSince(shop.scratch, history, going, answers.undone.keptDeleted ?? []);
    if (tree !== tip.tree) return withTree(shop, situation, { ...body, verdict: 'clean', superseded }, tree);
    const why = [...body.why, 'nothing of it is left in the files'];
    return { ...body, verdict: 'noop', why, superseded };
  }
  const work = history.changes.filter(({ commit }) => going.has(commit));
  const { blockers, carriedOff } = await blockersOf(ledger, shop, work, answers.blockers);
  const why = [...body.why, whyNot(situation, answers)];
  const blocked: PlanBody = { ...body, verdict: 'needs-decision', why, blockers };
  const found = situation.inseparable.length > 0 ? [] : await waysThrough(ledger, shop, situation, flags);
  // What lies elsewhere now is alive: to call that nothing would be wrong.
  const ways = found.filter(({ option }) => option.verdict !== 'noop' || carriedOff.length === 0);
  const chosen = ways.find(({ chosenBy }) => chosenBy(flags));
  // What stood in the way is settled then.
  if (chosen !== undefined) {
    const settled = await chosen.apply({ ...blocked, why: body.why, blockers: [] });
    return chosen.option.adds.length > 0
      ? settled
      : { ...settled, residue: [...settled.residue, ...carriedOff] };
  }
  const byHand = situation.inseparable.length > 0 ? [] : [BY_HAND];
  const dependants = ways.find(({ option }) => option.flag === '--with-dependants')?.dependants ?? [];
  return { ...blocked, dependants, options: [...ways.map(({ option }) => option), ...byHand] };
}

/** The tree both ways lead to. Where only undoing has an answer it counts; two that differ count as none. */
function settledTree({ undone, without }: Answers): string | null {
  return undone.tree !== null && (without === null || without === undone.tree) ? undone.tree : null;
}

function whyNot({ inseparable }: Situation, { undone, without }: Answers): string {
  const [first] = inseparable;
  if (first !== undefined)
    return `${first.unit.commit} holds other work too, and the two can't be told apart`;
  return undone.tree !== null && without !== null
    ? 'undoing it at the tip and making history again without it lead to different files'
    : 'later commits changed the same places';
}
