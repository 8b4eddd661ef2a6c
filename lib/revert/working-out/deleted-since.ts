import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import { lineDiffs } from '../../git/diffs/line-diff.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { treeChanges } from '../../git/trees/tree-diff.ts';
import { runsOf } from './change.ts';
import type { History } from './closure.ts';

const MAX_PATHS = 10_000;

/** What the work had written into files that were deleted since, and who deleted them: nothing of it comes back. */
export async function deletedSince(
  scratch: Scratch,
  { changes }: History,
  going: ReadonlySet<string>,
  paths: readonly string[],
): Promise<RevertPlan['superseded']> {
  if (paths.length === 0) return [];
  const runs = runsOf(changes.filter(({ commit }) => going.has(commit)));
  const pairs = runs.map(({ before, after }) => ({ from: before, to: after }));
  const written = (await lineDiffs(scratch, pairs, paths)).flat();
  const kept = changes.filter(({ commit }) => !going.has(commit));
  const deleters = await whoDeleted(scratch, kept, new Set(paths));
  return paths.map((path) => {
    const hunks = written.flatMap(({ to, hunks: of }) => (to?.path === path ? (of ?? []) : []));
    const lines = hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0);
    const by = deleters.get(path);
    return { path, lines, by: by === undefined ? [] : [by] };
  });
}

/** The last commit that deleted each path. */
async function whoDeleted(
  scratch: Scratch,
  changes: History['changes'],
  paths: ReadonlySet<string>,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const pairs = changes.map(({ before, after }) => ({ from: before, to: after }));
  let at = 0;
  for await (const { changes: touched } of treeChanges(scratch, pairs, MAX_PATHS)) {
    const commit = changes[at++]?.commit ?? '';
    for (const { path, change } of touched)
      if (change === 'deleted' && paths.has(path)) found.set(path, commit);
  }
  return found;
}
