import type { Ledger } from '../../ledger/ledger.ts';
import { leftElsewhere } from '../checks/left-elsewhere.ts';
import { problemsIn } from '../checks/problems.ts';
import { blockersOf } from '../telling/findings.ts';
import { BY_HAND } from '../ways/by-hand.ts';
import { chosenWay, noHelp } from '../ways/no-help.ts';
import { waysThrough } from '../ways/through.ts';
import { settingsFor } from '../ways/unmade.ts';
import { type PlanBody, type PlanFlags, verifiedBy, withTree } from '../ways/way.ts';
import { UNLIMITED } from './budget.ts';
import { type Answers, answer } from './closure.ts';
import { deletedSince } from './deleted-since.ts';
import type { Workshop } from './relaxed.ts';
import type { Situation } from './situation.ts';

/** What can be done, with each way through worked out where it is not plain. */
export async function settle(
  ledger: Ledger,
  shop: Workshop,
  situation: Situation,
  start: PlanBody,
  flags: PlanFlags,
): Promise<PlanBody> {
  const { history, going, tip } = situation;
  const body = { ...start, kept: situation.kept };
  const answers = await answer(shop.merge, history, going);
  if (answers.isCutOff) (shop.budget ?? UNLIMITED).giveUp(COMPARED);
  const tree = situation.inseparable.length > 0 ? null : settledTree(answers);
  const checked =
    tree === null ? null : await checkedTree(shop, situation, flags, { tree, isCutOff: answers.isCutOff });
  if (tree !== null && checked !== null && checked.faults.length === 0) {
    const superseded = await deletedSince(shop.scratch, history, going, answers.undone.keptDeleted ?? []);
    const { verified } = checked;
    if (tree !== tip.tree)
      return withTree(shop, situation, { ...body, verdict: 'clean', superseded, verified }, { tree, going });
    const why = [...body.why, NOTHING_LEFT[body.action]];
    return { ...body, verdict: 'noop', why, superseded };
  }
  const work = history.changes.filter(({ commit }) => going.has(commit));
  const { blockers, carriedOff } = await blockersOf(ledger, shop, work, answers.blockers);
  const { faults, verified } = checked ?? { faults: [whyNot(situation, answers)], verified: null };
  const found = await waysThrough(ledger, shop, situation, flags, tree);
  // What lies elsewhere now is alive: to call that nothing would be wrong.
  const ways = found.ways.filter(({ option }) => option.verdict !== 'noop' || carriedOff.length === 0);
  const settings = settingsFor(flags, blockers, faults);
  const why = [...body.why, ...faults, ...found.unsound, ...settings];
  const blocked: PlanBody = { ...body, verdict: 'needs-decision', verified, why, blockers };
  const chosen = chosenWay(ways, flags);
  // What stood in the way is settled then.
  if (chosen !== undefined) {
    const settled = await chosen.apply({ ...blocked, why: body.why, verified: null, blockers: [] });
    const left = carriedOff.filter(({ path }) => chosen.isRemade?.(path) !== true);
    return chosen.option.adds.length > 0 ? settled : { ...settled, residue: [...settled.residue, ...left] };
  }
  const byHand = situation.inseparable.length > 0 || start.action === 'reland' ? [] : [BY_HAND];
  const dependants = ways.find(({ option }) => option.flag === '--with-dependants')?.dependants ?? [];
  return {
    ...blocked,
    why: [...noHelp(flags, ways), ...why],
    dependants,
    options: [...found.onRequest, ...ways.map(({ option }) => option), ...byHand],
  };
}

const COMPARED = 'making the history again without it, to compare';
const ONE_WAY =
  'git can take it back, but there was no time to see whether history without it comes to the same';

const NOTHING_LEFT = {
  revert: 'nothing of it is left in the files',
  reland: 'all of it is in the files already',
} as const;

/** What is wrong with a tree git has made without a conflict, and what the verify command says of it. */
async function checkedTree(
  shop: Workshop,
  situation: Situation,
  flags: PlanFlags,
  { tree, isCutOff }: Pick<Answers, 'isCutOff'> & { readonly tree: string },
): Promise<{ readonly faults: readonly string[]; readonly verified: boolean | null }> {
  const left = await leftElsewhere(shop, situation, situation.going, tree);
  if (left.length > 0 || tree === situation.tip.tree) return { faults: left, verified: null };
  const faults = await problemsIn(shop, situation, situation.going, tree, {
    rules: flags.regenerator?.rules ?? [],
  });
  const verified = faults.length > 0 ? null : await verifiedBy(flags, situation, tree);
  if (verified === false) return { faults: [await whyNotVerified(situation, flags)], verified };
  // One way alone is trusted as much as what needed more than an exact merge.
  return isCutOff && verified === null ? { faults: [...faults, ONE_WAY], verified } : { faults, verified };
}

/** A command that fails on the branch as it is tells nothing about what would go. */
async function whyNotVerified({ tip }: Situation, { verify }: PlanFlags): Promise<string> {
  return (await verify?.(tip.tree)) === false
    ? 'the verify command fails on the result, and on the branch as it is, too'
    : 'git can take it back, but the verify command fails without it';
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
