import { recordDigest } from '../core/digest.ts';
import { AgentLogError } from '../core/errors.ts';
import type { RevertPlan } from '../core/generated/plan-v1.types.ts';
import { compileRiskMatcher } from '../core/risk.ts';
import { emptyTree } from '../git/index-diff.ts';
import { type Commit, readCommit } from '../git/objects.ts';
import { currentBranch } from '../git/repository.ts';
import type { Scratch } from '../git/scratch.ts';
import { shallowCommits } from '../git/shallow.ts';
import { treeChanges } from '../git/tree-diff.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { resolveCommit } from '../ledger/resolve.ts';
import { txnNamed } from '../ledger/txn.ts';
import type { Change } from './change.ts';
import { type Answers, answer, closureOf, type History } from './closure.ts';
import { reasonOf } from './conflict-words.ts';
import { effectiveUnits, takings } from './effective.ts';
import { changesOf, mergeIn, touching } from './history.ts';
import { type Candidates, candidatesFor } from './members.ts';
import type { Dependant } from './replay.ts';
import { changeOfCommit, markUnits, type Unit } from './unit-history.ts';
import { landingsOn } from './units.ts';

export type { RevertPlan };

export interface PlanOptions {
  /** The branch or commit to plan on. */
  readonly onto?: string;
  /** Take what depends on it, too. */
  readonly withDependants?: boolean;
  /** The most commits that may go besides the transaction's own. */
  readonly mostDependants?: number;
}

const MOST_DEPENDANTS = 20;
const MAX_FILES = 10_000;

type Body = Omit<RevertPlan, 'schema' | 'digest'>;

/**
 * Works out what undoing transactions would do to a branch, in a scratch repository: the ledger's own repository is only
 * read. Throws NOT_FOUND when there is no such transaction or branch.
 */
export async function planRevert(
  ledger: Ledger,
  scratch: Scratch,
  names: readonly string[],
  options: PlanOptions = {},
): Promise<RevertPlan> {
  const found = await Promise.all(names.map((name) => txnNamed(ledger, name)));
  const txns = [...new Set(found.map(({ txn }) => txn))];
  const tip = await tipOf(ledger, options.onto ?? 'HEAD');
  const candidates = await candidatesFor(ledger, txns, tip.oid);
  const units = await unitsOn(ledger, tip.oid, candidates);
  const onBranch = new Set(units.flatMap(({ members }) => members));
  const empty: Body = {
    txn: txns[0] ?? '',
    txns,
    verdict: 'not-landed',
    why: [],
    branch: options.onto === undefined ? await currentBranch(ledger.repo) : null,
    head: tip.oid,
    units: [],
    missing: missingFrom(candidates, onBranch),
    claimed: [...candidates.claimed],
    kept: 0,
    blockers: [],
    dependants: [],
    options: [],
    files: [],
    residue: [],
    superseded: [],
    verified: null,
    notUndone: [],
    resultTree: null,
  };
  const body =
    units.length === 0
      ? await notThere(ledger, empty)
      : await planUnits(ledger, scratch, tip, units, empty, options);
  return finished(body);
}

function finished(body: Body): RevertPlan {
  const plan = { schema: 'agent-log/plan/v1', ...body } as const;
  return { ...plan, digest: recordDigest(JSON.stringify(plan)) };
}

async function tipOf(ledger: Ledger, revision: string): Promise<Commit> {
  const commit = await readCommit(ledger.reader, revision);
  if (commit !== null) return commit;
  throw new AgentLogError('NOT_FOUND', 'answer', `no commit is called '${revision}'`, {
    hints: ['Name a branch or a commit as git does.'],
  });
}

/** Members by the commit of the branch they came with, oldest first. */
async function unitsOn(ledger: Ledger, tip: string, { members }: Candidates): Promise<Unit[]> {
  const commits = new Set(members.map(({ commit }) => commit));
  const { cameWith, others, order } = await landingsOn(ledger.repo, tip, commits);
  const squashes = new Set(
    members.filter(({ binding }) => binding === 'squashed').map(({ commit }) => commit),
  );
  return order.flatMap((step): Unit[] => {
    const inside = [...commits].filter((commit) => cameWith.get(commit) === step);
    const rest = others.get(step) ?? [];
    const brought = inside.filter((commit) => commit !== step);
    if (brought.length === 0 && rest.length > 0) return [];
    if (inside.includes(step) && brought.length === 0)
      return [{ commit: step, kind: squashes.has(step) ? 'squash' : 'commit', members: inside }];
    return [{ commit: step, kind: rest.length === 0 ? 'merge' : 'part', members: brought }];
  });
}

/** Newest first, as they go. */
async function plannedUnits(
  ledger: Ledger,
  steps: readonly Change[],
  units: readonly Unit[],
): Promise<Body['units']> {
  const order = new Map(steps.map(({ commit }, at) => [commit, at]));
  const newestFirst = [...units].sort((a, b) => (order.get(b.commit) ?? 0) - (order.get(a.commit) ?? 0));
  return Promise.all(
    newestFirst.map(async (unit) => {
      const commit = await readCommit(ledger.reader, unit.commit);
      return { ...unit, members: [...unit.members], subject: commit?.message.split('\n', 1)[0] ?? '' };
    }),
  );
}

function missingFrom({ members, unproven }: Candidates, onBranch: ReadonlySet<string>): string[] {
  const landed = new Set(
    members.filter(({ commit }) => onBranch.has(commit)).map(({ stored }) => stored.digest),
  );
  const elsewhere = members.filter(({ stored }) => !landed.has(stored.digest)).map(({ commit }) => commit);
  return [...new Set([...elsewhere, ...unproven])];
}

async function notThere(ledger: Ledger, body: Body): Promise<Body> {
  const shallow = await shallowCommits(ledger.repo);
  if (shallow.size > 0) return refused(body, 'this clone is shallow: the commits may lie beyond its end');
  return { ...body, why: ['nothing of it is on this branch'] };
}

function refused(body: Body, why: string): Body {
  return { ...body, verdict: 'refused', why: [...body.why, why] };
}

async function planUnits(
  ledger: Ledger,
  scratch: Scratch,
  tip: Commit,
  units: readonly Unit[],
  body: Body,
  options: PlanOptions,
): Promise<Body> {
  const [oldest] = units;
  const first = await readCommit(ledger.reader, oldest?.commit ?? '');
  const base = first?.parents[0] ?? null;
  const steps = await changesOf(ledger.repo, base, tip.oid);
  const shallow = await shallowCommits(ledger.repo);
  if (steps.some(({ commit }) => shallow.has(commit)))
    return refused(body, 'this clone is shallow: what was before its first commit is not known');
  const merge = mergeIn(scratch);
  const byCommit = new Map(steps.map((step) => [step.commit, step]));
  const effective = await effectiveUnits(merge, units, byCommit, await takings(ledger.repo, base, tip.oid));
  const before = effective.reverted.map(({ unit, by }) => `${unit.commit} was reverted before, by ${by}`);
  if (effective.units.length === 0)
    return {
      ...body,
      units: await plannedUnits(ledger, steps, units),
      verdict: 'already-reverted',
      why: before,
    };
  const changeOf = (commit: string): Promise<Change> => ownChange(ledger, commit);
  const marked = await markUnits(merge, steps, effective.units, changeOf);
  const kept = marked.changes.filter(({ commit }) => !marked.going.has(commit)).length;
  const history: History = {
    base: steps[0]?.before ?? '',
    head: tip.tree,
    changes: marked.changes,
    echoes: new Set(),
    touching: (run, paths) => touching(ledger.repo, run, paths),
  };
  const answers = await answer(merge, history, marked.going);
  const landed = { ...body, units: await plannedUnits(ledger, steps, effective.units), kept, why: before };
  if (marked.inseparable.length > 0)
    return {
      ...landed,
      verdict: 'needs-decision',
      why: marked.inseparable.map(
        ({ unit }) => `what came with ${unit.commit} can't be taken apart: git finds conflicts in it`,
      ),
    };
  const tree = settledTree(answers);
  if (tree === tip.tree) return { ...landed, verdict: 'noop', why: ['nothing of it is left in the files'] };
  if (tree !== null)
    return { ...landed, verdict: 'clean', resultTree: tree, files: await filesOf(scratch, tip.tree, tree) };
  const blocked = { ...landed, why: [whyNot(answers)], verdict: 'needs-decision' as const };
  return withOptions(ledger, scratch, tip, history, marked.going, answers, blocked, options);
}

/** The tree both ways lead to. Where only one has an answer it is the undone one that counts; two different count as none. */
function settledTree({ undone, without }: Answers): string | null {
  return undone.tree !== null && (without === null || without === undone.tree) ? undone.tree : null;
}

function whyNot({ undone, without }: Answers): string {
  return undone.tree !== null && without !== null
    ? 'undoing it at the tip and making history again without it lead to different files'
    : 'later commits changed the same places';
}

async function withOptions(
  ledger: Ledger,
  scratch: Scratch,
  tip: Commit,
  history: History,
  members: ReadonlySet<string>,
  { blockers }: Answers,
  body: Body,
  options: PlanOptions,
): Promise<Body> {
  const most = options.mostDependants ?? MOST_DEPENDANTS;
  const closure = await closureOf(mergeIn(scratch), history, members, most);
  const named = { ...body, blockers: await Promise.all(blockers.map((one) => blockerOf(ledger, one))) };
  if (closure === null) return named;
  const adds = closure.extras.map(({ change }) => change.commit);
  const dependants = await Promise.all(closure.extras.map((one) => dependantOf(ledger, one)));
  if (options.withDependants === true)
    return {
      ...named,
      verdict: 'clean',
      dependants,
      kept: named.kept - adds.length,
      resultTree: closure.tree,
      files: await filesOf(scratch, tip.tree, closure.tree),
    };
  return { ...named, dependants, options: [{ flag: '--with-dependants', verdict: 'clean', adds }] };
}

async function blockerOf(
  ledger: Ledger,
  { change, conflicts }: Dependant,
): Promise<Body['blockers'][number]> {
  return {
    commit: change.commit,
    txn: await txnOf(ledger, change.commit),
    paths: [...new Set(conflicts.flatMap(({ paths }) => paths))],
    reason: reasonOf(conflicts.map(({ type }) => type)),
  };
}

async function dependantOf(
  ledger: Ledger,
  { change, conflicts }: Dependant,
): Promise<Body['dependants'][number]> {
  const paths = [...new Set(conflicts.flatMap((conflict) => conflict.paths))];
  const why = `${paths.join(', ')}: ${reasonOf(conflicts.map(({ type }) => type))}`;
  return { commit: change.commit, txn: await txnOf(ledger, change.commit), why };
}

async function txnOf(ledger: Ledger, commit: string): Promise<string | null> {
  const resolution = await resolveCommit(ledger, commit);
  if (resolution === null || resolution.binding === 'claimed') return null;
  return resolution.record?.record.txn ?? null;
}

async function filesOf(scratch: Scratch, from: string, to: string): Promise<Body['files']> {
  const classesOf = compileRiskMatcher();
  for await (const { changes } of treeChanges(scratch, [{ from, to }], MAX_FILES))
    return changes.map(({ path, change }) => ({ path, change, classes: [...classesOf(path)] }));
  return [];
}

async function ownChange(ledger: Ledger, oid: string): Promise<Change> {
  const commit = await readCommit(ledger.reader, oid);
  const parent = commit?.parents[0] === undefined ? null : await readCommit(ledger.reader, commit.parents[0]);
  if (commit === null) throw new AgentLogError('NOT_FOUND', 'answer', `commit ${oid} is not here`);
  return changeOfCommit(commit, parent?.tree ?? emptyTree(ledger.repo.format));
}
