import type { ExecutionRecord } from '../../core/records/record.ts';
import { fileChanges } from '../../git/diffs/line-diff.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { editTree, type TreeEdit } from '../../git/trees/tree-edit.ts';
import type { Member, Work } from './members.ts';
import type { Unit } from './unit-history.ts';

/** Files of a record that somebody else may have had a hand in. None where nobody watched the agent write at all. */
export function sharedPaths({ files }: Pick<ExecutionRecord, 'files'>): string[] {
  const others = files.filter((file) => !isAgents(file));
  return others.length === files.length ? [] : others.map(({ path }) => path);
}

/** Units with what of them is shared. */
export function sharedIn(
  units: readonly Unit[],
  members: readonly Member[],
): ReadonlyMap<string, readonly string[]> {
  const sharing = members.filter(({ stored }) => sharedPaths(stored.record).length > 0);
  if (sharing.length === 0) return new Map();
  const found = units.map(({ commit, members: held }): [string, string[]] => {
    const of = sharing.filter((member) => held.includes(member.commit));
    return [commit, [...new Set(of.flatMap(({ stored }) => sharedPaths(stored.record)))]];
  });
  return new Map(found.filter(([, paths]) => paths.length > 0));
}

/** A unit of which only what the agent itself wrote goes. */
export async function ownPartOf(scratch: Scratch, unit: Unit, members: readonly Member[]): Promise<Unit> {
  const work: Work[] = [];
  for (const member of members.filter(({ commit }) => unit.members.includes(commit))) {
    const own = await ownWork(scratch, member);
    if (own === null) return { ...unit, kind: 'part', work: null };
    work.push(own);
  }
  return { ...unit, kind: 'part', work };
}

/** A member's work without its shared files: from the tree it left with only the agent's own files put back. */
async function ownWork(scratch: Scratch, { work, stored }: Member): Promise<Work | null> {
  if (work === null || sharedPaths(stored.record).length === 0) return work;
  const own = new Set(stored.record.files.filter(isAgents).map(({ path }) => path));
  const changes = await fileChanges(scratch, { from: work.before, to: work.after });
  const edits = changes.flatMap(({ from, to }): TreeEdit[] => {
    if ([from, to].some((side) => side !== null && !own.has(side.path))) return [];
    const gone = to === null || to.path === from?.path ? [] : [{ path: to.path, entry: null }];
    return from === null ? gone : [...gone, { path: from.path, entry: { mode: from.mode, oid: from.oid } }];
  });
  return { before: await editTree(scratch, work.after, edits), after: work.after };
}

function isAgents({ by, pathBytes }: ExecutionRecord['files'][number]): boolean {
  return (by === 'agent' || by === 'shell') && pathBytes === undefined;
}
