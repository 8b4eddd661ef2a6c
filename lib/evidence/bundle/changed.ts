import type { Entry } from '../../git/diffs/entry-diff.ts';
import { objectInfos } from '../../git/objects/object-sizes.ts';
import type { Commit } from '../../git/objects/objects.ts';
import { emptyTree } from '../../git/repository/index-diff.ts';
import { type DiffText, treeDiffs } from '../../git/trees/tree-diffs.ts';
import { openTreeWalker } from '../../git/trees/tree-walk.ts';
import type { Ledger } from '../../ledger/ledger.ts';

/** What commits changed, and the objects that show it. */
export interface Changed {
  /** By commit; null where a tree of it is not here. */
  readonly diffs: ReadonlyMap<string, DiffText | null>;
  /** Commits, trees and blobs. */
  readonly objects: readonly string[];
  /** Changed files whose content is not among the objects, by commit. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** Commits whose parent is not here: where a shallow clone ends. */
  readonly parentless: readonly string[];
}

/** Contents larger than this, or all of them over that, are left to the diffs. */
const MOST_BLOB = 64 * 1024;
const MOST_BLOBS = 1024 * 1024;
const MOST_DIFF = 512 * 1024;
/** Of a whole range. */
const MOST_DIFFS = 8 * 1024 * 1024;

/** What a record says was changed, where the commit itself is not that: a rebase, a squash. */
export interface Sealed {
  readonly commit: string;
  readonly from: string | null;
  readonly to: string;
}

/** Looks at each commit against its first parent, and at what was sealed of others, as far as they are here. */
export async function changedBy(
  ledger: Ledger,
  commits: readonly Commit[],
  sealed: readonly Sealed[],
): Promise<Changed> {
  const steps = await Promise.all(commits.map((commit) => stepOf(ledger, commit)));
  const walker = openTreeWalker(ledger.reader);
  const objects = new Set(steps.flatMap(({ commit, parents }) => [commit.oid, commit.tree, ...parents]));
  const blobs = new Map<string, readonly string[]>();
  const pairs = [
    ...steps.flatMap(({ commit, from }) =>
      from === null ? [] : [{ commit: commit.oid, from, to: commit.tree }],
    ),
    ...sealed,
  ];
  for (const { commit, from, to } of pairs) {
    const walk = await walker.between(from, to);
    for (const tree of walk.opened) if (!walk.missing.includes(tree)) objects.add(tree);
    const sides = walk.diffs.flatMap((diff) => [diff.from, diff.to]);
    const files = sides.flatMap((side) => (side !== null && isFile(side) ? [side.oid] : []));
    blobs.set(commit, [...(blobs.get(commit) ?? []), ...files]);
  }
  objects.delete(emptyTree(ledger.repo.format));
  const leftOut = await addSmall(ledger, blobs, objects);
  return {
    diffs: await diffsOf(ledger, steps),
    objects: [...objects],
    leftOut,
    parentless: steps.flatMap(({ commit, from }) => (from === null ? [commit.oid] : [])),
  };
}

/** A link is one, too: what it leads to is its content. A submodule is not. */
function isFile({ mode }: Entry): boolean {
  return mode.startsWith('10') || mode.startsWith('12');
}

interface Step {
  readonly commit: Commit;
  /** Its parents that are here, and their trees. */
  readonly parents: readonly string[];
  /** The tree it changed; null where that is not here. */
  readonly from: string | null;
}

async function stepOf({ reader, repo }: Ledger, commit: Commit): Promise<Step> {
  const read = await Promise.all(commit.parents.map((oid) => reader.read(`${oid}^{tree}`)));
  const parents = commit.parents.flatMap((oid, i) => (read[i]?.type === 'tree' ? [oid, read[i].oid] : []));
  const from = commit.parents.length === 0 ? emptyTree(repo.format) : (read[0]?.oid ?? null);
  return { commit, parents, from };
}

/** Adds what is small, the commits in their order; gives how many of each commit it was too much of. */
async function addSmall(
  ledger: Ledger,
  blobs: ReadonlyMap<string, readonly string[]>,
  objects: Set<string>,
): Promise<Map<string, number>> {
  const infos = await objectInfos(ledger.repo, [...blobs.values()].flat());
  const leftOut = new Map<string, number>();
  let left = MOST_BLOBS;
  for (const [commit, oids] of blobs)
    for (const oid of new Set(oids)) {
      if (objects.has(oid)) continue;
      const size = infos.get(oid)?.size ?? Number.POSITIVE_INFINITY;
      if (size <= Math.min(MOST_BLOB, left)) {
        objects.add(oid);
        left -= size;
      } else leftOut.set(commit, (leftOut.get(commit) ?? 0) + 1);
    }
  return leftOut;
}

async function diffsOf(ledger: Ledger, steps: readonly Step[]): Promise<Map<string, DiffText | null>> {
  const known = steps.flatMap(({ commit, from }) =>
    from === null ? [] : [{ oid: commit.oid, from, to: commit.tree }],
  );
  const most = Math.min(MOST_DIFF, Math.floor(MOST_DIFFS / Math.max(1, known.length)));
  const texts = await treeDiffs(ledger.repo, known, Math.max(most, 16 * 1024));
  return new Map(known.map(({ oid }, i) => [oid, texts[i] ?? null]));
}
