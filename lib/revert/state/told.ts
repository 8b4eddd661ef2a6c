import type { Unit } from '../members/unit-history.ts';
import { isLive, type Turn } from './turn.ts';

/** What is left of the units once what was reverted, and landed again, is counted. */
export interface Effective {
  /** Units that hold now; one that landed again is where it did so last. */
  readonly units: readonly Unit[];
  /** Units that were taken back before, and by which commit. */
  readonly reverted: readonly TakenBack[];
  /** Units of which something was taken back before, and something holds. */
  readonly partly: readonly TakenBack[];
  /** What took work out and holds still: what landing it again would turn back. */
  readonly out: readonly Turn[];
  /** Commits that turned work without saying so, and what they put it. */
  readonly unnamed: readonly Pick<Turn, 'commit' | 'puts'>[];
}

export interface TakenBack {
  readonly unit: Unit;
  readonly by: string;
  /** Nothing in the commit's message says so. */
  readonly isUnnamed: boolean;
}

/** Sums up what the turns of a branch leave. */
export function told(turns: readonly Turn[]): Effective {
  const live = turns.filter(isLive);
  const [inForce, out] = (['in', 'out'] as const).map((puts) => live.filter((turn) => turn.puts === puts));
  const landed = [...new Set(turns.flatMap(({ units }) => units))];
  const takenBack = landed.flatMap((unit): (TakenBack & { readonly isWhole: boolean })[] => {
    const last = out?.findLast(({ units }) => units.includes(unit));
    if (last === undefined) return [];
    const isWhole = inForce?.every(({ units }) => !units.includes(unit)) === true;
    return [{ unit, by: last.commit, isUnnamed: last.isUnnamed, isWhole }];
  });
  return {
    units: unitsInForce(inForce ?? []),
    reverted: takenBack.filter(({ isWhole }) => isWhole),
    partly: takenBack.filter(({ isWhole }) => !isWhole),
    out: out ?? [],
    unnamed: live.filter(({ isUnnamed }) => isUnnamed),
  };
}

/** Units where they are in force: what several commits of one merge hold is one. */
function unitsInForce(turns: readonly Turn[]): Unit[] {
  const found = new Map<string, Unit>();
  for (const turn of turns) {
    const unit = unitOf(turn);
    const before = found.get(turn.step);
    const members = [...(before?.members ?? []), ...unit.members];
    found.set(turn.step, before === undefined ? unit : { ...unit, members });
  }
  return [...found.values()];
}

function unitOf({ commit, step, units, turned }: Turn): Unit {
  const except = turned.size === 0 ? {} : { except: new Set(turned.keys()) };
  const [own] = units;
  if (own?.commit === commit) return { ...own, ...except };
  if (commit !== step) return { commit: step, kind: 'part', members: [commit], ...except };
  return { commit, kind: 'commit', members: units.flatMap(({ members }) => members), ...except };
}
