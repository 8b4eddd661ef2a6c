import type { Ledger } from '../ledger/ledger.ts';
import { problemsIn } from './checks/problems.ts';
import { type Answers, answer } from './closure.ts';
import { blockerOf } from './findings.ts';
import type { Workshop } from './relaxed.ts';
import type { Situation } from './situation.ts';
import { waysThrough } from './ways/through.ts';
import { type PlanBody, type PlanFlags, verifiedBy, withTree } from './ways/way.ts';

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
  if (tree === tip.tree)
    return { ...body, verdict: 'noop', why: [...body.why, 'nothing of it is left in the files'] };
  const faults = tree === null ? [] : await problemsIn(shop, situation, going, tree);
  const verified = tree === null || faults.length > 0 ? null : await verifiedBy(flags, situation, tree);
  if (tree !== null && faults.length === 0 && verified !== false)
    return withTree(shop, situation, { ...body, verdict: 'clean', verified }, { tree, going });
  const blocked: PlanBody = {
    ...body,
    verdict: 'needs-decision',
    verified,
    why: [...body.why, ...(tree === null ? [whyNot(situation, answers)] : faults)],
    blockers: await Promise.all(answers.blockers.map((one) => blockerOf(ledger, one))),
  };
  if (verified === false) blocked.why.push(await whyNotVerified(situation, flags));
  if (situation.inseparable.length > 0) return blocked;
  const { ways, unsound } = await waysThrough(ledger, shop, situation, flags, tree);
  const chosen = ways.find(({ chosenBy }) => chosenBy(flags));
  // What stood in the way is settled then.
  if (chosen !== undefined) return chosen.apply({ ...blocked, why: body.why, blockers: [], verified: null });
  const dependants = ways.find(({ option }) => option.flag === '--with-dependants')?.dependants ?? [];
  const why = [...blocked.why, ...unsound];
  return { ...blocked, why, dependants, options: ways.map(({ option }) => option) };
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
