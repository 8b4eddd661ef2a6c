import type { Unit } from '../members/unit-history.ts';
import type { BranchState } from '../working-out/situation.ts';
import type { Turn } from './turn.ts';

/**
 * What took work out, as units that can go themselves. What was taken out with it stays out unless that is asked for: it
 * went for reasons of its own.
 */
export function outAsUnits({ out }: Pick<BranchState, 'out'>, withDependants: boolean): readonly Unit[] {
  return out.map((turn) => {
    const unit = unitOf(turn);
    if (turn.also.length === 0 || withDependants) return unit;
    const { narrower } = turn;
    // Without a work of its own it can't be told from the others'.
    return { ...unit, work: narrower === null ? null : [narrower] };
  });
}

function unitOf({ commit, step, units, turned }: Turn): Unit {
  const except = turned.size === 0 ? {} : { except: new Set(turned.keys()) };
  if (commit !== step) return { commit: step, kind: 'part', members: [commit], ...except };
  return { commit, kind: 'commit', members: units.flatMap(({ members }) => members), ...except };
}
