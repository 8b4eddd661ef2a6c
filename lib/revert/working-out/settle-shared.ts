import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import { shortOid } from '../../core/oid.ts';
import { lineDiffs } from '../../git/diffs/line-diff.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Member } from '../members/members.ts';
import { ownPartOf, sharedIn } from '../members/shared.ts';
import type { Unit } from '../members/unit-history.ts';
import type { Option, PlanBody, PlanFlags } from '../ways/way.ts';
import type { Workshop } from './relaxed.ts';
import { settle } from './settle.ts';
import type { Situation } from './situation.ts';
import type { Subset } from './subset.ts';

/** What there is to settle. */
export interface Case {
  readonly units: readonly Unit[];
  readonly members: readonly Member[];
  readonly situation: Situation;
  /** The same with other units. */
  readonly readSituation: (units: readonly Unit[]) => Promise<Pick<Subset, 'situation'>>;
}

/**
 * Settles a plan in which a commit may hold somebody else's edits beside the agent's: whether these go, too, is for a
 * person to say. Where there is no such commit it is settled as it is.
 */
export async function settleShared(
  ledger: Ledger,
  shop: Workshop,
  { units, members, situation, readSituation }: Case,
  start: PlanBody,
  flags: PlanFlags,
): Promise<PlanBody> {
  const inForce = new Set(situation.units.map(({ commit }) => commit));
  const shared = sharedIn(
    units.filter(({ commit }) => inForce.has(commit)),
    members,
  );
  const body = { ...start, units: withShared(start.units, shared) };
  const whole = await settle(ledger, shop, situation, body, flags);
  if (shared.size === 0 || flags.acceptShared === true || whole.verdict === 'noop') return whole;
  const narrowed: Unit[] = [];
  for (const unit of units)
    narrowed.push(shared.has(unit.commit) ? await ownPartOf(shop.scratch, unit, members) : unit);
  const { situation: own } = await readSituation(narrowed);
  const parts = { ...body, units: withShared(own.units, shared) };
  const partly = await settle(ledger, shop, own, parts, { ...flags, hunks: true, relaxed: true });
  if (flags.hunks === true && partly.resultTree !== null)
    return { ...partly, residue: [...partly.residue, ...(await leftIn(shop, members, shared))] };
  const hunks: Option = { flag: '--hunks', verdict: optionVerdict(partly), adds: [] };
  return {
    ...whole,
    verdict: 'needs-decision',
    why: [...body.why, ...[...shared].map(([commit, paths]) => whyShared(commit, paths))],
    options: [...(partly.resultTree === null ? [] : [hunks]), ...withAll(whole)],
    files: [],
    notUndone: [],
    resultTree: null,
  };
}

function withShared(
  units: RevertPlan['units'],
  shared: ReadonlyMap<string, readonly string[]>,
): RevertPlan['units'] {
  return units.map((unit) => {
    const paths = shared.get(unit.commit);
    return paths === undefined ? unit : { ...unit, shared: [...paths] };
  });
}

function whyShared(commit: string, paths: readonly string[]): string {
  return `${shortOid(commit)} may hold somebody else's edits, too: ${paths.join(', ')}`;
}

/** The ways through with all that is shared. */
function withAll(whole: PlanBody): Option[] {
  const flag = '--accept-shared';
  if (whole.resultTree === null)
    return whole.options.map((option) => ({ ...option, flag: `${flag} ${option.flag}` }));
  const adds = whole.dependants.map(({ commit }) => commit);
  return [{ flag, verdict: optionVerdict(whole), adds }];
}

function optionVerdict({ verdict }: PlanBody): Option['verdict'] {
  return verdict === 'clean' || verdict === 'noop' ? verdict : 'needs-decision';
}

/** Lines of shared files, which stay. */
async function leftIn(
  { scratch }: Workshop,
  members: readonly Member[],
  shared: ReadonlyMap<string, readonly string[]>,
): Promise<RevertPlan['residue']> {
  const paths = new Set([...shared.values()].flat());
  const works = members.flatMap(({ work }) => (work === null ? [] : [work]));
  const diffs = await lineDiffs(
    scratch,
    works.map(({ before, after }) => ({ from: before, to: after })),
  );
  const lines = new Map([...paths].map((path) => [path, 0]));
  for (const { to, hunks } of diffs.flat()) {
    const had = to === null ? undefined : lines.get(to.path);
    if (to !== null && had !== undefined)
      lines.set(to.path, had + (hunks ?? []).reduce((sum, hunk) => sum + hunk.lines.length, 0));
  }
  return [...lines].map(([path, count]) => ({ path, lines: count }));
}
