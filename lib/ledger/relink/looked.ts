import { claimedTrailers } from '../../core/records/trailers.ts';
import { type Commit, readCommit } from '../../git/objects/objects.ts';
import { type GradedCommit, shapeOf } from '../binding/grade.ts';
import { type Change, patchesBetween } from '../binding/patch-cache.ts';
import type { Ledger } from '../ledger.ts';
import type { Work, Works } from './works.ts';

/** A commit that is looked at, as far as it has to be known. */
export interface Looked {
  readonly commit: Commit;
  readonly shape: GradedCommit;
  /** Digests its message names. */
  readonly named: readonly string[];
}

const READS_AT_ONCE = 500;

/** Commits, oldest first. Patch ids are asked for all of them at once: one by one they would cost a process each. */
export async function lookAt(
  ledger: Ledger,
  newestFirst: readonly string[],
  works: Works,
  progress?: (text: string) => void,
): Promise<Looked[]> {
  const looked: Looked[] = [];
  const commits = await readCommits(ledger, [...newestFirst].reverse());
  for (const commit of commits) {
    progress?.(`reading commits: ${looked.length} of ${commits.length}`);
    const shape = await shapeOf(ledger, commit);
    looked.push({ commit, shape, named: claimedTrailers(commit.message).records });
  }
  progress?.(`comparing the changes of ${looked.length} commits`);
  const open = looked.filter((one) => !isDone(works, one));
  const named = open.flatMap((one) => one.named.flatMap((digest) => works.byDigest.get(digest) ?? []));
  await patchesBetween(ledger, [
    ...open.flatMap(({ shape }) => changeOf(shape) ?? []),
    ...named.flatMap((work) => sealedChangeOf(work) ?? []),
  ]);
  return looked;
}

/** What a record was sealed for; null for an amend, whose beginning is to be looked up. */
export function sealedChangeOf({ head, tree, amends }: Work): Change | null {
  if (tree === null || amends !== null) return null;
  return { from: head.commit === null ? null : head.tree, to: tree };
}

/** Commits by id, in the order given; those that are not here are left out. */
export async function readCommits(ledger: Ledger, oids: readonly string[]): Promise<Commit[]> {
  const found: Commit[] = [];
  for (let at = 0; at < oids.length; at += READS_AT_ONCE) {
    const part = oids.slice(at, at + READS_AT_ONCE).map((oid) => readCommit(ledger.reader, oid));
    found.push(...(await Promise.all(part)).filter((commit) => commit !== null));
  }
  return found;
}

/** The commit's own note has a record, and every one its message names. */
export function isDone({ on }: Works, { commit, named }: Looked): boolean {
  const here = on.get(commit.oid);
  return here !== undefined && named.every((digest) => here.has(digest));
}

/** What a commit changes; null for a merge, for nothing, and where a shallow clone ends. */
export function changeOf({ parents, parentTree, tree }: GradedCommit): Change | null {
  if (parents.length > 1 || (parents.length === 1 && parentTree === null)) return null;
  return parentTree === tree ? null : { from: parentTree, to: tree };
}
