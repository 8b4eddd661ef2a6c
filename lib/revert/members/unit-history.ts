import type { Change, Merge, MergeConflict } from '../working-out/change.ts';
import { inPart, type Marked } from '../working-out/narrow.ts';
import { undo } from '../working-out/undo.ts';
import type { Work } from './members.ts';

/** What came onto the branch with one of its own commits, and goes. */
export interface Unit {
  /** The commit of the branch's own line. */
  readonly commit: string;
  readonly kind: 'commit' | 'merge' | 'part' | 'squash';
  /** Oldest first. */
  readonly members: readonly string[];
  /** Set where the commit may hold more than the members' work: what that was, oldest first; null where nobody knows any more. */
  readonly work?: readonly Work[] | null;
  /** Of each record in it, the commits it is known by: what a message may call it. */
  readonly records?: readonly (readonly string[])[];
  /** Paths that others have turned since: they are not this commit's any more. */
  readonly except?: ReadonlySet<string>;
}

/** The branch's changes with what is to go told apart from what stays. */
export interface MarkedHistory extends Marked {
  /** Members that can't be taken out of what came with them. */
  readonly inseparable: readonly { readonly unit: Unit; readonly conflicts: readonly MergeConflict[] }[];
}

/**
 * Marks what is to go. Where only a part of what one commit brought goes, that commit becomes two changes: what stays,
 * and then what goes, as if it had been made last.
 */
export async function markUnits(
  merge: Merge,
  steps: readonly Change[],
  units: readonly Unit[],
  changeOf: (commit: string) => Promise<Change | null>,
): Promise<MarkedHistory> {
  const byStep = new Map(units.map((unit) => [unit.commit, unit]));
  const changes: Change[] = [];
  const going = new Set<string>();
  const inseparable: { unit: Unit; conflicts: readonly MergeConflict[] }[] = [];
  for (const step of steps) {
    const unit = byStep.get(step.commit);
    const parts = unit === undefined ? [] : await partsOf(unit, changeOf);
    if (unit === undefined || parts === 'all') {
      changes.push(step);
      if (unit !== undefined) going.add(step.commit);
      continue;
    }
    const { tree, stopped } = parts === null ? UNKNOWN : await undo(merge, step.after, parts);
    if (tree === null) {
      inseparable.push({ unit, conflicts: stopped?.conflicts ?? [] });
      changes.push(step);
      continue;
    }
    if (tree === step.before) {
      changes.push(step);
      going.add(step.commit);
      continue;
    }
    const part = inPart(step.commit);
    changes.push({ ...step, after: tree }, { commit: part, before: tree, after: step.after });
    going.add(part);
  }
  return { changes, going, inseparable };
}

const UNKNOWN = { tree: null, stopped: null };

/** What of a unit's commit is the members' work; null where nobody knows any more. */
export async function partsOf(
  { commit, kind, members, work }: Unit,
  changeOf: (commit: string) => Promise<Change | null>,
): Promise<readonly Change[] | 'all' | null> {
  if (work !== undefined) return work?.map((one) => ({ commit, ...one })) ?? null;
  if (kind !== 'part') return 'all';
  const changes = await Promise.all(members.map(changeOf));
  const told = changes.filter((change) => change !== null);
  return told.length === changes.length ? told : null;
}
