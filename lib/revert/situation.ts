import { AgentLogError } from '../core/errors.ts';
import type { RevertPlan } from '../core/generated/plan-v1.types.ts';
import { emptyTree } from '../git/index-diff.ts';
import { type Commit, readCommit } from '../git/objects.ts';
import type { Repository } from '../git/repository.ts';
import { shallowCommits } from '../git/shallow.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Change, Merge } from './change.ts';
import type { History } from './closure.ts';
import { type Effective, effectiveUnits, takings } from './effective.ts';
import { changesOf, touching } from './history.ts';
import { type MarkedHistory, markUnits, type Unit } from './unit-history.ts';

/** A branch with what is to go marked in it. */
export interface Situation extends Pick<MarkedHistory, 'going' | 'inseparable'>, Pick<Effective, 'reverted'> {
  /** The user's repository, to read. */
  readonly place: Repository;
  readonly tip: Commit;
  readonly history: History;
  /** What goes, newest first; where all of it went before, what that was. */
  readonly units: RevertPlan['units'];
  /** Why the history can't be relied on; null when it can. */
  readonly refusal: string | null;
}

/** Reads the branch from before the oldest unit up to its tip. */
export async function readSituation(
  ledger: Ledger,
  merge: Merge,
  tip: Commit,
  units: readonly Unit[],
): Promise<Situation> {
  const oldest = await readCommit(ledger.reader, units[0]?.commit ?? '');
  const base = oldest?.parents[0] ?? null;
  const [steps, shallow, claims] = await Promise.all([
    changesOf(ledger.repo, base, tip.oid),
    shallowCommits(ledger.repo),
    takings(ledger.repo, base, tip.oid),
  ]);
  const byCommit = new Map(steps.map((step) => [step.commit, step]));
  const effective = await effectiveUnits(merge, units, byCommit, claims);
  const marked = await markUnits(merge, steps, effective.units, (commit) => ownChange(ledger, commit));
  return {
    place: ledger.repo,
    tip,
    history: {
      base: steps[0]?.before ?? '',
      head: tip.tree,
      changes: marked.changes,
      touching: (run, paths) => touching(ledger.repo, run, paths),
    },
    going: marked.going,
    inseparable: marked.inseparable,
    reverted: effective.reverted,
    units: await plannedUnits(
      ledger,
      steps,
      (effective.units.length === 0 ? units : effective.units).map((unit) => asItGoes(unit, marked)),
    ),
    refusal: steps.some(({ commit }) => shallow.has(commit))
      ? 'this clone is shallow: what was before its first commit is not known'
      : null,
  };
}

/** Whether all of a commit goes is known only once its own work was told from others'. */
function asItGoes(unit: Unit, { going, inseparable }: MarkedHistory): Unit {
  if (unit.work === undefined || inseparable.some((one) => one.unit === unit)) return unit;
  if (!going.has(unit.commit)) return { ...unit, kind: 'part' };
  return unit.kind === 'part' ? { ...unit, kind: 'commit' } : unit;
}

async function plannedUnits(
  ledger: Ledger,
  steps: readonly Change[],
  units: readonly Unit[],
): Promise<RevertPlan['units']> {
  const order = new Map(steps.map(({ commit }, at) => [commit, at]));
  const place = ({ commit }: Unit): number => order.get(commit) ?? 0;
  return Promise.all(
    [...units]
      .sort((a, b) => place(b) - place(a))
      .map(async (unit) => {
        const commit = await readCommit(ledger.reader, unit.commit);
        const { commit: oid, kind, members } = unit;
        const subject = commit?.message.split('\n', 1)[0] ?? '';
        return { commit: oid, kind, members: [...members], subject };
      }),
  );
}

async function ownChange(ledger: Ledger, oid: string): Promise<Change> {
  const commit = await readCommit(ledger.reader, oid);
  if (commit === null) throw new AgentLogError('NOT_FOUND', 'answer', `commit ${oid} is not here`);
  const parent = commit.parents[0] === undefined ? null : await readCommit(ledger.reader, commit.parents[0]);
  return { commit: oid, before: parent?.tree ?? emptyTree(ledger.repo.format), after: commit.tree };
}
