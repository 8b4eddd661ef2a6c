import { recordDigest } from '../core/digest.ts';
import { AgentLogError } from '../core/errors.ts';
import type { RevertPlan } from '../core/generated/plan-v1.types.ts';
import { type Commit, readCommit } from '../git/objects.ts';
import { renamedPaths } from '../git/renamed-paths.ts';
import { currentBranch } from '../git/repository.ts';
import type { Scratch } from '../git/scratch.ts';
import { shallowCommits } from '../git/shallow.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { txnNamed } from '../ledger/txn.ts';
import { withHandEdits } from './hand-edits.ts';
import { mergeIn } from './history.ts';
import { type Candidates, candidatesFor, type Member } from './members.ts';
import type { Workshop } from './relaxed.ts';
import { type Case, settleShared } from './settle-shared.ts';
import { readSituation } from './situation.ts';
import type { Unit } from './unit-history.ts';
import { landingsOn } from './units.ts';
import type { PlanBody, PlanFlags } from './ways/way.ts';

export type { RevertPlan };

export interface PlanOptions extends PlanFlags {
  /** The branch or commit to plan on; HEAD when not given. */
  readonly onto?: string;
}

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
  const branch = options.onto === undefined ? await currentBranch(ledger.repo) : null;
  const start = startOf(txns, tip, branch, candidates, units);
  if (units.length === 0) return finished(await notThere(ledger, start));
  const base = (await readCommit(ledger.reader, units[0]?.commit ?? ''))?.parents[0] ?? null;
  const merge = mergeIn(scratch, () => renamedPaths(ledger.repo, base, tip.oid));
  const shop = { scratch, reader: scratch.reader, merge };
  const situation = await readSituation(ledger, shop.merge, tip, units);
  const whole = { tip, units, members: candidates.members, situation };
  return finished(await planFor(ledger, shop, whole, start, options));
}

function finished(body: PlanBody): RevertPlan {
  const plan = { schema: 'agent-log/plan/v1', ...body } as const;
  return { ...plan, digest: recordDigest(JSON.stringify(plan)) };
}

async function planFor(
  ledger: Ledger,
  shop: Workshop,
  whole: Case,
  start: PlanBody,
  flags: PlanFlags,
): Promise<PlanBody> {
  const { situation } = whole;
  const why = situation.reverted.map(({ unit, by }) => `${unit.commit} was reverted before, by ${by}`);
  const body = { ...start, why, units: await withHandEdits(ledger, shop.scratch, situation.units) };
  if (situation.refusal !== null) return { ...body, verdict: 'refused', why: [...why, situation.refusal] };
  if (situation.going.size === 0 && situation.inseparable.length === 0)
    return { ...body, verdict: 'already-reverted' };
  return settleShared(ledger, shop, whole, body, flags);
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
  return order.flatMap((step): Unit[] => {
    const inside = [...commits].filter((commit) => cameWith.get(commit) === step);
    const rest = others.get(step) ?? [];
    const brought = inside.filter((commit) => commit !== step);
    // An agent merged other people's work: that is theirs.
    if (brought.length === 0 && rest.length > 0) return [];
    if (brought.length === 0)
      return [
        ownUnit(
          step,
          members.filter(({ commit }) => commit === step),
        ),
      ];
    return [{ commit: step, kind: rest.length === 0 ? 'merge' : 'part', members: brought }];
  });
}

/** A commit of the branch's own line that holds members: all of it is theirs only where that was shown. */
function ownUnit(commit: string, held: readonly Member[]): Unit {
  const isWhole = held.some(({ binding }) => binding === 'exact' || binding === 'same-patch');
  if (isWhole) return { commit, kind: 'commit', members: [commit] };
  const work = held.map((member) => member.work).filter((one) => one !== null);
  const kind = held.some(({ binding }) => binding === 'squashed') ? 'squash' : 'part';
  return { commit, kind, members: [commit], work: work.length === held.length ? work : null };
}

function startOf(
  txns: readonly string[],
  tip: Commit,
  branch: string | null,
  candidates: Candidates,
  units: readonly Unit[],
): PlanBody {
  return {
    txn: txns[0] ?? '',
    txns: [...txns],
    verdict: 'not-landed',
    why: [],
    branch,
    head: tip.oid,
    units: [],
    missing: missingFrom(candidates, new Set(units.flatMap(({ members }) => members))),
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
    warnings: [],
    resultTree: null,
  };
}

function missingFrom({ members, unproven }: Candidates, onBranch: ReadonlySet<string>): string[] {
  const here = members.filter(({ commit }) => onBranch.has(commit));
  const landed = new Set(here.map(({ stored }) => stored.digest));
  const elsewhere = members.filter(({ stored }) => !landed.has(stored.digest)).map(({ commit }) => commit);
  return [...new Set([...elsewhere, ...unproven])];
}

async function notThere(ledger: Ledger, body: PlanBody): Promise<PlanBody> {
  const shallow = await shallowCommits(ledger.repo);
  if (shallow.size === 0) return { ...body, why: ['nothing of it is on this branch'] };
  return { ...body, verdict: 'refused', why: ['this clone is shallow: the commits may lie beyond its end'] };
}
