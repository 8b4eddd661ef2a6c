import { type FileDiff, fileChangesOf } from '../../git/diffs/line-diff.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import type { Change } from '../working-out/change.ts';
import { nameOf } from '../working-out/touched-paths.ts';

/** What files of a history are called later on. */
export interface Names {
  /** Every name a file has had since a commit, the last of them at the end; null at the end where it was taken away. */
  since(commit: string, path: string): readonly (string | null)[];
}

const known = new WeakMap<readonly Change[], Promise<Names>>();

/**
 * Follows names commit by commit, as `git log --follow` does: between far ends a file that was renamed and then rewritten
 * is no rename any more. The same history is read once.
 */
export function namesIn(scratch: Scratch, changes: readonly Change[]): Promise<Names> {
  const names = known.get(changes) ?? readNames(scratch, changes);
  known.set(changes, names);
  return names;
}

async function readNames(scratch: Scratch, changes: readonly Change[]): Promise<Names> {
  const pairs = changes.map(({ before, after }) => ({ from: before, to: after }));
  const diffs = await scratch.diffs.between(pairs);
  const losing = pairs.flatMap((_, at) => ((diffs[at] ?? []).some(({ to }) => to === null) ? [at] : []));
  // Only where something came as well can anything have been renamed.
  const moving = losing.filter((at) => (diffs[at] ?? []).some(({ from }) => from === null));
  const told = await fileChangesOf(
    scratch,
    moving.flatMap((at) => pairs[at] ?? []),
  );
  const renames = new Map(moving.map((at, i) => [at, renamesIn(told[i] ?? [])]));
  const steps = losing.map((at) => {
    const gone = (diffs[at] ?? []).flatMap(({ path, to }) => (to === null ? (nameOf(path) ?? []) : []));
    return { at, became: new Map(gone.map((path) => [path, renames.get(at)?.get(path) ?? null])) };
  });
  const places = new Map(changes.map(({ commit }, at) => [commit, at]));
  return { since: (commit, path) => trail(steps, places.get(commit) ?? -1, path) };
}

function renamesIn(files: readonly FileDiff[]): Map<string, string> {
  return new Map(
    files.flatMap(({ from, to }) =>
      from !== null && to !== null && from.path !== to.path ? [[from.path, to.path]] : [],
    ),
  );
}

interface Losing {
  readonly at: number;
  /** What each path that went is called after it; null where it is nothing any more. */
  readonly became: ReadonlyMap<string, string | null>;
}

function trail(steps: readonly Losing[], after: number, path: string): (string | null)[] {
  const names: (string | null)[] = [path];
  let name = path;
  for (const { at, became } of steps) {
    const next = at <= after ? undefined : became.get(name);
    if (next === undefined) continue;
    names.push(next);
    if (next === null) break;
    name = next;
  }
  return names;
}
