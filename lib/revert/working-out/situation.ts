import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import type { RevertRecord } from '../../core/records/record.ts';
import { type Commit, readCommit } from '../../git/objects/objects.ts';
import { emptyTree } from '../../git/repository/index-diff.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { shallowCommits } from '../../git/repository/shallow.ts';
import { type Ledger, readNote } from '../../ledger/ledger.ts';
import { revertsOf } from '../../ledger/told/reverts.ts';
import type { Found } from '../members/found.ts';
import { fetchLacking } from '../members/lacking.ts';
import { ownChange } from '../members/own-change.ts';
import { type MarkedHistory, markUnits, type Unit } from '../members/unit-history.ts';
import { type LineCommit, landingsOn } from '../members/units.ts';
import { type Claim, claimsOn, withSteps } from '../state/claims.ts';
import { effectiveUnits } from '../state/effective.ts';
import type { Effective } from '../state/told.ts';
import type { Change } from './change.ts';
import type { History } from './closure.ts';
import { changesOf, touching } from './history.ts';
import { commitOf, narrowed } from './narrow.ts';
import type { Workshop } from './relaxed.ts';

/** A branch with what is to go marked in it. */
export interface Situation
  extends Pick<MarkedHistory, 'going' | 'inseparable'>,
    Pick<Effective, 'reverted' | 'partly' | 'out'> {
  /** The user's repository, to read. */
  readonly place: Repository;
  readonly tip: Commit;
  readonly history: History;
  /** What goes, newest first; where all of it went before, what that was. */
  readonly units: RevertPlan['units'];
  /** Commits that came after the first of what goes, and stay at least in part. */
  readonly kept: number;
  /** Why the history can't be relied on; null when it can. */
  readonly refusal: string | null;
}

/** A branch with its state, before it is decided what is to go. */
export interface BranchState extends Effective {
  readonly tip: Commit;
  readonly steps: readonly Change[];
  readonly refusal: string | null;
}

/** Reads the branch from before the oldest unit up to its tip. `unnamed` looks at commits that say nothing, too. */
export async function readState(
  ledger: Ledger,
  shop: Workshop,
  tip: Commit,
  { units, line, saysReverts }: Pick<Found, 'units' | 'line' | 'saysReverts'>,
  unnamed: boolean,
): Promise<BranchState> {
  const nothing = { tip, steps: [], units, reverted: [], partly: [], out: [], unnamed: [] };
  const oldest = await readCommit(ledger.reader, units[0]?.commit ?? '');
  const base = oldest?.parents[0] ?? null;
  const shallow = await shallowCommits(ledger.repo);
  if (shallow.has(oldest?.oid ?? '')) return { ...nothing, refusal: SHALLOW };
  const { steps, claims } = await readLine(ledger, tip, base, { line, saysReverts });
  const changeOf = (commit: string): Promise<Change | null> => ownChange(ledger, shop.scratch, commit);
  const revertBy = async (oid: string): Promise<RevertRecord | null> =>
    revertsOf(await readNote(ledger, oid)).find(({ commit }) => commit === oid) ?? null;
  const lacking = await fetchLacking(
    ledger.repo,
    shop.scratch,
    steps.map(({ before, after }) => ({ from: before, to: after })),
  );
  const refusal = steps.some(({ commit }) => shallow.has(commit)) ? SHALLOW : lacking;
  if (refusal !== null) return { ...nothing, refusal };
  const effective = await effectiveUnits(shop, units, { steps, claims, changeOf, revertBy, unnamed });
  return { tip, steps, refusal, ...effective };
}

const SHALLOW =
  'this clone is shallow: what was before its first commit is not known (git fetch --unshallow)';

/** The branch after a commit, or from before the first of whatever was taken back together with what came after it. */
async function readLine(
  ledger: Ledger,
  tip: Commit,
  base: string | null,
  { line, saysReverts }: Pick<Found, 'line' | 'saysReverts'>,
): Promise<{ readonly steps: Change[]; readonly claims: Claim[] }> {
  const [steps, said] = await Promise.all([
    changesAlong(ledger, line, base, tip.oid),
    saysReverts ? claimsOn(ledger.repo, base, tip.oid) : [],
  ]);
  const own = steps.map(({ commit }) => commit);
  const onLine = new Set(own);
  const isStep = (commit: string): boolean => onLine.has(commit);
  const claims = await withSteps(ledger.repo, tip.oid, said, isStep);
  const isLater = (name: string): boolean => own.some((commit) => commit.startsWith(name));
  const mixed = claims.flatMap(({ names }) =>
    names.some(isLater) ? names.filter((one) => !isLater(one)) : [],
  );
  const older = await Promise.all([...new Set(mixed)].map((name) => readCommit(ledger.reader, name)));
  const wanted = new Set(older.flatMap((commit) => commit?.oid ?? []));
  if (wanted.size === 0) return { steps, claims };
  const { order } = await landingsOn(ledger.repo, tip.oid, wanted);
  const first = order.find((commit) => !isStep(commit));
  const before = first === undefined ? base : ((await readCommit(ledger.reader, first))?.parents[0] ?? null);
  if (before === base) return { steps, claims };
  return { steps: await changesOf(ledger.repo, before, tip.oid), claims };
}

/** A branch's own commits after `base`, from what was read of it already where that goes down so far. */
async function changesAlong(
  { repo, reader }: Ledger,
  line: readonly LineCommit[],
  base: string | null,
  tip: string,
): Promise<Change[]> {
  const last = line.findIndex(({ parent }) => parent === base);
  const start = base === null ? emptyTree(repo.format) : (await readCommit(reader, base))?.tree;
  if (last < 0 || start === undefined) return changesOf(repo, base, tip);
  const above = line.slice(0, last + 1).reverse();
  return above.map(({ commit, tree }, i) => ({ commit, before: above[i - 1]?.tree ?? start, after: tree }));
}

/** Marks in the branch what is to go: units that hold, or the commits that took them out. */
export async function situationOf(
  ledger: Ledger,
  shop: Workshop,
  state: BranchState,
  units: readonly Unit[],
): Promise<Situation> {
  const { tip, steps } = state;
  const marked = await markUnits(shop.merge, steps, units, (commit) =>
    ownChange(ledger, shop.scratch, commit),
  );
  const turned = new Map(units.map((unit) => [unit.commit, unit.except ?? NONE]));
  const left = await narrowed(shop.scratch, marked, (change) => turned.get(commitOf(change)) ?? NONE);
  return {
    place: ledger.repo,
    tip,
    history: {
      base: steps[0]?.before ?? '',
      head: tip.tree,
      changes: left.changes,
      touching: (run, paths) => touching(shop.scratch, run, paths),
      ...(shop.budget && { checkTime: shop.budget.check }),
    },
    going: left.going,
    inseparable: marked.inseparable,
    kept: laterCommits(marked, units),
    reverted: state.reverted,
    partly: state.partly,
    out: state.out,
    units: await plannedUnits(
      ledger,
      steps,
      units.map((unit) => asItGoes(unit, marked)),
    ),
    refusal: state.refusal,
  };
}

const NONE: ReadonlySet<string> = new Set();

function laterCommits({ changes, going }: MarkedHistory, units: readonly Unit[]): number {
  const own = new Set(units.map(({ commit }) => commit));
  const first = changes.findIndex((change) => own.has(commitOf(change)));
  return changes.slice(Math.max(0, first)).filter(({ commit }) => !going.has(commit)).length;
}

/** Whether all of a commit goes is known only once its own work was told from others'. */
function asItGoes(unit: Unit, { going, inseparable }: MarkedHistory): Unit {
  if (unit.work === undefined || inseparable.some((one) => one.unit === unit)) return unit;
  if (!going.has(unit.commit)) return { ...unit, kind: 'part' };
  return unit.kind === 'part' ? { ...unit, kind: 'commit' } : unit;
}

export async function plannedUnits(
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
