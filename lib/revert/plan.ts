import { recordDigest } from '../core/digest.ts';
import { AgentLogError } from '../core/errors.ts';
import type { RevertPlan } from '../core/generated/plan-v1.types.ts';
import { shortOid } from '../core/oid.ts';
import { type Commit, readCommit } from '../git/objects/objects.ts';
import type { Scratch } from '../git/objects/scratch.ts';
import { currentBranch } from '../git/repository/repository.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { remembering } from '../ledger/reading/remembering.ts';
import { txnNamed } from '../ledger/reading/txn.ts';
import { addedAround } from './checks/added-around.ts';
import { type Found, foundOn, refusalOf } from './members/found.ts';
import { withHandEdits } from './members/hand-edits.ts';
import type { Unit } from './members/unit-history.ts';
import { inForceOn } from './not-undone/in-force.ts';
import { onOtherBranches } from './not-undone/other-branches.ts';
import { lookForSecrets, withSurroundings } from './not-undone/surroundings.ts';
import { startOf, whatWasTakenBack } from './plan-start.ts';
import { outAsUnits } from './state/out.ts';
import { runsByHand } from './ways/by-hand.ts';
import type { PlanBody, PlanFlags } from './ways/way.ts';
import { type Budget, openBudget, UNLIMITED } from './working-out/budget.ts';
import { carriedOff } from './working-out/carried-off.ts';
import type { Merge } from './working-out/change.ts';
import { mergeIn } from './working-out/history.ts';
import type { Workshop } from './working-out/relaxed.ts';
import { settle } from './working-out/settle.ts';
import { settleShared } from './working-out/settle-shared.ts';
import {
  type BranchState,
  plannedUnits,
  readState,
  type Situation,
  situationOf,
} from './working-out/situation.ts';
import { stepsTo } from './working-out/steps.ts';
import { onlyPaths, type Subset } from './working-out/subset.ts';

export type { RevertPlan };

export interface PlanOptions extends PlanFlags {
  /** The branch or commit to plan on; HEAD when not given. */
  readonly onto?: string;
  /** A commit for each that is undone: the plan says which. */
  readonly each?: boolean;
  /** A person will resolve what is in conflict: the plan says what is undone, step by step. */
  readonly byHand?: boolean;
  /** Only these files and folders, seen from the top of the worktree. */
  readonly paths?: readonly string[];
  /** Also commits that only say they belong to it. */
  readonly includeClaimed?: boolean;
}

/**
 * Works out what undoing transactions would do to a branch, in a scratch repository, where the result then is: the ledger's
 * own repository is only read. Throws NOT_FOUND when there is no such transaction or branch.
 */
export function planRevert(
  ledger: Ledger,
  scratch: Scratch,
  names: readonly string[],
  options: PlanOptions = {},
): Promise<RevertPlan> {
  return planTurn(ledger, scratch, names, { ...options, action: 'revert' });
}

/**
 * Works out what bringing reverted transactions back would do: the inverse of what took them out, with later edits kept.
 * Otherwise as planRevert.
 */
export function planReland(
  ledger: Ledger,
  scratch: Scratch,
  names: readonly string[],
  options: PlanOptions = {},
): Promise<RevertPlan> {
  return planTurn(ledger, scratch, names, { ...options, action: 'reland' });
}

interface TurnOptions extends PlanOptions {
  readonly action: RevertPlan['action'];
}

async function planTurn(
  whole: Ledger,
  scratch: Scratch,
  names: readonly string[],
  given: TurnOptions,
): Promise<RevertPlan> {
  const ledger = remembering(whole);
  const budget = openBudget(
    given.budget ?? Number.POSITIVE_INFINITY,
    given.clock ?? Date.now,
    given.onProgress,
  );
  const options = { ...given, ...verifyOutside(scratch, given, budget) };
  given.onProgress?.('what of it is on the branch');
  const asked = await Promise.all(names.map((name) => txnNamed(ledger, name)));
  const txns = [...new Set(asked.map(({ txn }) => txn))];
  const tip = await tipOf(ledger, options.onto ?? 'HEAD');
  const found = await foundOn(ledger, scratch, txns, tip, options.includeClaimed === true);
  const { units } = found;
  const branch = options.onto === undefined ? await currentBranch(ledger.repo) : null;
  const start = startOf(txns, tip, { branch, action: options.action }, found);
  const refusal = await refusalOf(ledger, found);
  if (refusal.length > 0) return finished({ ...start, verdict: 'refused', why: [...refusal] });
  if (units.length === 0) return finished({ ...start, ...withoutUnits(found) });
  const base = (await readCommit(ledger.reader, units[0]?.commit ?? ''))?.parents[0] ?? null;
  const isElsewhere = carriedOff(ledger.repo, scratch, base, tip.oid);
  const merge = mergeIn(scratch, isElsewhere);
  const shop = { scratch, reader: scratch.reader, merge, carriedOff: isElsewhere, budget };
  const plan = cutOff(await planFor(ledger, shop, tip, found, start, options), budget);
  const done = finished(await withLeft(ledger, shop, plan, found.commits));
  scratch.held.write();
  return done;
}

/** What a plan says where nothing is to be taken out. */
function withoutUnits({ merges }: Found): Pick<RevertPlan, 'verdict' | 'why'> {
  if (merges.length === 0) return { verdict: 'not-landed', why: ['nothing of it is on this branch'] };
  const why = merges.map(({ commit, isPlain }) =>
    isPlain
      ? `${commit} is a merge without work of its own: to take out what it brought, name the commits it merged`
      : `${commit} is a merge in which nobody can tell its own work from what it brought: name the commits it merged`,
  );
  return { verdict: merges.every(({ isPlain }) => isPlain) ? 'noop' : 'needs-decision', why };
}

/** A test suite may take longer than all planning. It may look at the tree with a git of its own. */
function verifyOutside(
  { held }: Scratch,
  { verify }: TurnOptions,
  { outside }: Budget,
): Pick<TurnOptions, 'verify'> {
  if (verify === undefined) return {};
  const verifyWritten = (tree: string): Promise<boolean> => {
    held.write();
    return outside(() => verify(tree));
  };
  return { verify: verifyWritten };
}

/** Says what there was no time for. */
function cutOff(plan: PlanBody, { notTried, limit }: Budget): PlanBody {
  if (notTried.length === 0) return plan;
  const stopped = `planning was stopped after ${limit / 1000} seconds: --budget gives it more, 0 as many as it takes`;
  const why = plan.verdict === 'clean' ? plan.why : [...plan.why, stopped];
  return { ...plan, why, notTried: [...notTried] };
}

function finished(body: PlanBody): RevertPlan {
  const plan = { schema: 'agent-log/plan/v1', ...body } as const;
  return { ...plan, digest: recordDigest(JSON.stringify(plan)) };
}

/** Commits that say nothing of what they turn back are looked at only where that may tell more. */
async function planFor(
  ledger: Ledger,
  shop: Workshop,
  tip: Commit,
  found: Found,
  start: PlanBody,
  options: TurnOptions,
): Promise<PlanBody> {
  const { members } = found;
  const state = await readState(ledger, shop, tip, found, false);
  const plan = await planAt(ledger, shop, { state, members }, start, options);
  if (plan.verdict === 'clean' || plan.verdict === 'refused') return plan;
  const { attempt } = shop.budget ?? UNLIMITED;
  const more = await attempt(UNNAMED, () => readState(ledger, shop, tip, found, true));
  if (more === null || more.unnamed.length === 0) return plan;
  return planAt(ledger, shop, { state: more, members }, start, options);
}

const UNNAMED = 'commits that do not say what they take back';

interface Place {
  readonly state: BranchState;
  readonly members: Found['members'];
}

async function planAt(
  ledger: Ledger,
  shop: Workshop,
  { state, members }: Place,
  start: PlanBody,
  options: TurnOptions,
): Promise<PlanBody> {
  const why = [...start.why, ...whatWasTakenBack(state)];
  if (state.refusal !== null) return { ...start, verdict: 'refused', why: [...why, state.refusal] };
  const { action, paths = [] } = options;
  const turn = action === 'revert' ? state.units : outAsUnits(state, options.withDependants === true);
  if (turn.length === 0) {
    const units = await plannedUnits(
      ledger,
      state.steps,
      state.reverted.map(({ unit }) => unit),
    );
    return { ...start, why, units, ...nothingToDo(state, action) };
  }
  const readSituation = async (units: readonly Unit[]): Promise<Subset> => {
    const whole = await situationOf(ledger, shop, state, units);
    if (paths.length === 0) return { situation: whole, leftOut: [] };
    const less = await onlyPaths(shop, whole, paths);
    if (less === null) throw notAtPaths(paths);
    return less;
  };
  const { situation, leftOut } = await readSituation(turn);
  const units = await withHandEdits(ledger, shop.scratch, situation.units);
  const body = { ...start, why, units, paths: [...paths], leftOut: [...leftOut] };
  // Bringing work back takes nobody else's away for it.
  if (action === 'reland')
    return settle(ledger, shop, situation, body, { ...options, withDependants: false, mostDependants: 0 });
  const whole = { units: turn, members, situation, readSituation };
  const secrets = lookForSecrets(shop, situation);
  // Most of what a plan reads is what was added since: git reads it while the result is worked out.
  void addedAround(shop.scratch, situation.history, situation.going);
  const settled = await settleShared(ledger, shop, whole, body, options);
  const told = await withSurroundings(ledger, shop, { ...whole, secrets }, settled, options);
  return withWay(shop.merge, situation, told, options);
}

function nothingToDo({ reverted }: BranchState, action: RevertPlan['action']): Pick<PlanBody, 'verdict'> {
  if (action === 'reland') return { verdict: 'in-force' };
  // Where nobody said so it is only seen that nothing is left.
  return { verdict: reverted.every(({ isUnnamed }) => isUnnamed) ? 'noop' : 'already-reverted' };
}

/** What stays of it elsewhere, where something is to be done here. */
async function withLeft(
  ledger: Ledger,
  shop: Workshop,
  plan: PlanBody,
  members: readonly string[],
): Promise<PlanBody> {
  if (plan.action === 'reland') return { ...plan, notUndone: [] };
  if (plan.resultTree === null) return plan;
  const { branch, head, units, txns } = plan;
  const merged = units.some(({ kind }) => kind === 'merge') ? [MERGED] : [];
  const others = await onOtherBranches(ledger.repo, { txns, branch, head, commits: members }, (ref) =>
    inForceOn(ledger, shop, txns, ref),
  );
  return { ...plan, notUndone: [...plan.notUndone, ...unshown(plan), ...merged, ...others] };
}

/** Somebody may have quoted a trailer; where a record's work is nowhere else, it may as well be what they say. */
function unshown({ missing, claimed }: PlanBody): string[] {
  if (missing.length === 0) return [];
  return claimed.map(
    (commit) =>
      `what ${shortOid(commit)} says it holds of it, and nothing shows: git agent-log relink may, where the branch it was made of is here; --include-claimed takes all of that commit`,
  );
}

const MERGED =
  'that its branch is merged: merged again, it brings only what is new; git agent-revert --reland brings this back';

function notAtPaths(paths: readonly string[]): AgentLogError {
  const problem = `nothing that would change is at ${paths.map((path) => `'${path}'`).join(', ')}`;
  return new AgentLogError('NOT_FOUND', 'answer', problem, {
    hints: ['Name files or folders of the transaction: git agent-log show <txn> lists them.'],
  });
}

/** What is to be done step by step, where somebody asked for that. */
async function withWay(
  merge: Merge,
  situation: Situation,
  body: PlanBody,
  { each, byHand }: PlanOptions,
): Promise<PlanBody> {
  const { resultTree, verdict, dependants } = body;
  if (each === true && resultTree !== null) {
    const going = new Set([...situation.going, ...dependants.map(({ commit }) => commit)]);
    return { ...body, steps: await stepsTo(merge, situation.history, going, resultTree) };
  }
  const isOpen = resultTree === null && verdict === 'needs-decision' && situation.inseparable.length === 0;
  return byHand === true && isOpen ? { ...body, runs: runsByHand(situation) } : body;
}

async function tipOf(ledger: Ledger, revision: string): Promise<Commit> {
  const commit = await readCommit(ledger.reader, revision);
  if (commit !== null) return commit;
  throw new AgentLogError('NOT_FOUND', 'answer', `no commit is called '${revision}'`, {
    hints: ['Name a branch or a commit as git does.'],
  });
}
