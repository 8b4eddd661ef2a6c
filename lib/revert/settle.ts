import type { RevertPlan } from '../core/generated/plan-v1.types.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type Answers, answer, closureOf } from './closure.ts';
import { blockerOf, dependantOf, filesOf, residueOf, supersededOf, whoMade } from './findings.ts';
import { notUndone } from './not-undone.ts';
import {
  blockedIn,
  type RelaxedAnswer,
  type RelaxedClosure,
  relaxedAnswer,
  relaxedClosure,
  type Workshop,
} from './relaxed.ts';
import type { Situation } from './situation.ts';

/** Decisions somebody has taken beforehand. */
export interface PlanFlags {
  /** Take what depends on it, too. */
  readonly withDependants?: boolean;
  /** Place by place instead of git's merge, where that refuses. */
  readonly relaxed?: boolean;
  /** Take back whatever nobody has touched since, and leave the rest. */
  readonly hunks?: boolean;
  /** The most commits that may go besides the transaction's own. */
  readonly mostDependants?: number;
  /** Whether a tree passes the verify command; not given when there is none. */
  readonly verify?: (tree: string) => Promise<boolean>;
}

/** A plan but for what it is sealed with. */
export type PlanBody = Omit<RevertPlan, 'schema' | 'digest'>;
type Option = RevertPlan['options'][number];

const MOST_DEPENDANTS = 20;

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
  if (tree !== null) return withTree(shop, situation, { ...body, verdict: 'clean' }, tree);
  const blocked: PlanBody = {
    ...body,
    verdict: 'needs-decision',
    why: [...body.why, whyNot(situation, answers)],
    blockers: await Promise.all(answers.blockers.map((one) => blockerOf(ledger, one))),
  };
  const ways = situation.inseparable.length > 0 ? [] : await waysThrough(ledger, shop, situation, flags);
  const chosen = ways.find(({ chosenBy }) => chosenBy(flags));
  // What stood in the way is settled then.
  if (chosen !== undefined) return chosen.apply({ ...blocked, why: body.why, blockers: [] });
  const dependants = ways.find(({ option }) => option.flag === '--with-dependants')?.dependants ?? [];
  return { ...blocked, dependants, options: ways.map(({ option }) => option) };
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

async function withTree(
  shop: Workshop,
  { tip, place, units }: Situation,
  body: PlanBody,
  tree: string,
): Promise<PlanBody> {
  const files = await filesOf(shop.scratch, tip.tree, tree);
  const oldest = units.at(-1)?.commit ?? tip.oid;
  return { ...body, resultTree: tree, files, notUndone: await notUndone(place, oldest, files) };
}

/** One way through, worked out: how it is offered, and what the plan is when it is taken. */
interface Way {
  readonly option: Option;
  readonly dependants: RevertPlan['dependants'];
  readonly chosenBy: (flags: PlanFlags) => boolean;
  readonly apply: (body: PlanBody) => Promise<PlanBody>;
}

async function waysThrough(
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
  return ways.filter((way) => way !== null);
}

async function dependantsWay(
  ledger: Ledger,
  shop: Workshop,
  situation: Situation,
  most: number,
): Promise<Way | null> {
  const closure = await closureOf(shop.merge, situation.history, situation.going, most);
  if (closure === null) return null;
  const adds = closure.extras.map(({ change }) => change.commit);
  const dependants = await Promise.all(closure.extras.map((one) => dependantOf(ledger, one)));
  return {
    option: { flag: '--with-dependants', verdict: 'clean', adds },
    dependants,
    chosenBy: ({ withDependants, relaxed }) => withDependants === true && relaxed !== true,
    apply: (body) =>
      withTree(
        shop,
        situation,
        { ...body, verdict: 'clean', dependants, kept: body.kept - adds.length },
        closure.tree,
      ),
  };
}

async function relaxedWay(
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
    dependants,
    chosenBy: ({ relaxed, withDependants }) =>
      relaxed === true && verified !== false && (extras.length === 0 || withDependants === true),
    apply: async (body) => ({
      ...(verdict === 'noop'
        ? { ...body, verdict }
        : await withTree(shop, situation, { ...body, verdict }, found.tree)),
      dependants,
      kept: body.kept - extras.length,
      verified,
      superseded: await supersededOf(shop, situation.history, going, found.files),
    }),
  };
}

/** What needed more than an exact merge is clean only once the verify command has passed. */
function verdictOf(verified: boolean | null): 'clean' | 'needs-decision' {
  return verified === true ? 'clean' : 'needs-decision';
}

async function verifiedBy({ verify }: PlanFlags, { tip }: Situation, tree: string): Promise<boolean | null> {
  return verify === undefined || tree === tip.tree ? null : verify(tree);
}

async function hunksWay(
  shop: Workshop,
  situation: Situation,
  found: RelaxedAnswer,
  flags: PlanFlags,
): Promise<Way | null> {
  if (found.tree === situation.tip.tree) return null;
  const verified = await verifiedBy(flags, situation, found.tree);
  const verdict = verdictOf(verified);
  const residue = residueOf(found.files);
  return {
    option: { flag: '--hunks', verdict, adds: [] },
    dependants: [],
    chosenBy: ({ hunks }) => hunks === true && verified !== false,
    apply: async (body) => ({
      ...(await withTree(shop, situation, { ...body, verdict }, found.tree)),
      residue,
      verified,
      superseded: await supersededOf(shop, situation.history, situation.going, found.files),
    }),
  };
}
