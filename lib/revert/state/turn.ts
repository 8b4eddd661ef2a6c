import type { Unit } from '../members/unit-history.ts';
import type { Change } from '../working-out/change.ts';

/**
 * That a commit put work in force, or took it out. Both are changes of the branch that another commit can turn back: so
 * landing, revert, landing again and the revert of that are one thing over and over.
 */
export interface Turn {
  readonly commit: string;
  /** The commit of the branch's own line it came with. */
  readonly step: string;
  readonly units: readonly Unit[];
  readonly puts: 'in' | 'out';
  /** What it did, oldest first; less than the branch's commit where that holds other work, too. */
  readonly changes: readonly Change[];
  /** The whole of the branch's commit, where that is more. */
  readonly wider: Change | null;
  /** What of it is about the units alone, where others were taken out with them. */
  readonly narrower: Change | null;
  /** Commits that are none of the transaction's and were taken out with it. */
  readonly also: readonly string[];
  /** It took out places within files: what it left there is in force still. */
  readonly isLoose: boolean;
  /** Its message does not say so: it is known by what it did. */
  readonly isUnnamed: boolean;
  /** Paths that were turned back since, and by which commit. */
  readonly turned: Map<string, string>;
  /** The commit that turned back all of it. */
  by: string | null;
}

/** A turn nothing has been turned back of. */
export function newTurn(
  made: Pick<Turn, 'commit' | 'step' | 'units' | 'puts' | 'changes'> & Partial<Turn>,
): Turn {
  return {
    wider: null,
    narrower: null,
    also: [],
    isLoose: false,
    isUnnamed: false,
    by: null,
    ...made,
    turned: new Map(),
  };
}

export function isLive({ by }: Turn): boolean {
  return by === null;
}

/** Somebody who names this means the turn: its own commit, or the work it turned. */
export function isMeant(turn: Turn, named: (oid: string) => boolean): boolean {
  if (named(turn.commit) || named(turn.step)) return true;
  return turn.puts === 'in' && turn.units.some((unit) => isNamed(unit, named));
}

function isNamed({ commit, members, records }: Unit, named: (oid: string) => boolean): boolean {
  if (named(commit) || (members.length > 0 && members.every(named))) return true;
  return records !== undefined && records.length > 0 && records.every((known) => known.some(named));
}
