import { type CommitShape, isExact, standsWhereSealed } from '../../core/records/binding.ts';
import type { BindingRecord, ExecutionRecord, LandingRecord } from '../../core/records/record.ts';
import { type Commit, readCommit } from '../../git/objects/objects.ts';
import { emptyTree } from '../../git/repository/index-diff.ts';
import type { Ledger } from '../ledger.ts';
import { ofChanges } from './changes.ts';
import { type Change, patchBetween } from './patch-cache.ts';

/** How a record fits a commit by content alone, strongest first. */
export type Fit = 'exact' | 'same-patch' | 'modified';

/** What is known of a commit that a record was bound to, or landed in. */
export type KnownCommit = Pick<BindingRecord | LandingRecord, 'commit' | 'patchId' | 'grade' | 'parents'>;

export interface BoundWork {
  readonly record: ExecutionRecord;
  readonly bindings: readonly KnownCommit[];
}

/** A commit to be graded. */
export interface GradedCommit extends CommitShape {
  readonly oid: string;
}

export async function shapeOf(ledger: Ledger, { oid, tree, parents }: Commit): Promise<GradedCommit> {
  const parent = parents[0] === undefined ? null : await readCommit(ledger.reader, parents[0]);
  return { oid, tree, parents, parentTree: parent?.tree ?? null };
}

/**
 * How a record fits a commit somebody says is its work; null when nothing but that saying ties them. `rewritten` says that
 * git itself made the commit from the record's own: then it need not stand where the record was sealed. `sealed` says that
 * the commit's message names the record.
 */
export async function fitOf(
  ledger: Ledger,
  work: BoundWork,
  commit: GradedCommit,
  rewritten = false,
  sealed = false,
): Promise<Fit | null> {
  if (bringsInAnother(work, commit)) return null;
  if (isExact(work.record, commit)) return 'exact';
  // Two that change nothing make the same change, but that alone would tie any two of them.
  if ((rewritten || sealed) && isEmpty(work.record) && commit.parentTree === commit.tree) return 'same-patch';
  const patch = await samePatch(ledger, work, commit);
  if (patch === 'same-patch') return patch;
  const known = patch === 'modified' || rewritten || standsWhereSealed(work.record, commit);
  return known && (await touches(ledger, work.record, commit)) ? 'modified' : null;
}

/** Whether a commit is just what a record was sealed for, as `fitOf` says. */
export function fitsExactly(work: BoundWork, commit: CommitShape): boolean {
  return !bringsInAnother(work, commit) && isExact(work.record, commit);
}

function isEmpty({ tree, head, amends }: ExecutionRecord): boolean {
  return tree !== null && tree === head.tree && amends === undefined;
}

/** A merge whose message repeats the trailers of what it merges is not that work, however alike the trees are. */
function bringsInAnother({ bindings }: BoundWork, { parents }: CommitShape): boolean {
  return parents.length > 1 && bindings.length > 0 && bindings.every((bound) => bound.parents.length < 2);
}

/**
 * `same-patch` when the commit makes the change that was sealed, `modified` when it makes that of a commit which was
 * changed after. What a binding says of its patch is believed only where the sealed trees are not here.
 */
async function samePatch(
  ledger: Ledger,
  { record, bindings }: BoundWork,
  commit: GradedCommit,
): Promise<'same-patch' | 'modified' | null> {
  const said = bindings.filter(({ patchId: id }) => id !== null);
  if (record.tree === null || (bindings.length > 0 && said.length === 0)) return null;
  const made = await patchOf(ledger, commit);
  if (made === null) return null;
  const alike = said.filter(({ patchId: id }) => id === made);
  const changed = alike.filter(({ grade }) => grade === 'modified');
  if (alike.length > changed.length || bindings.length === 0) {
    const sealed = await sealedPatch(ledger, record);
    const same = sealed === null ? alike.length > changed.length : sealed === made;
    if (same) return 'same-patch';
  }
  return changed.some((bound) => bound.commit !== commit.oid) ? 'modified' : null;
}

/** The patch-id of what a commit changes; null for a merge, an empty change, and where a shallow clone ends. */
export async function patchOf(ledger: Ledger, shape: CommitShape): Promise<string | null> {
  const { parents, parentTree, tree } = shape;
  if (parents.length > 1 || (parents.length === 1 && parentTree === null)) return null;
  return patchBetween(ledger, { from: parentTree, to: tree });
}

/** The patch-id of what a record was sealed for; null when it changes nothing, or its trees are not here. */
async function sealedPatch(ledger: Ledger, record: ExecutionRecord): Promise<string | null> {
  const change = await sealedChange(ledger, record);
  return change === null ? null : patchBetween(ledger, change);
}

/** What a record was sealed for, an amend with all that it replaced; null when that is not known here. */
export async function sealedChange(ledger: Ledger, record: ExecutionRecord): Promise<Change | null> {
  const { head, tree, amends } = record;
  if (tree === null) return null;
  if (amends === undefined) return { from: head.commit === null ? null : head.tree, to: tree };
  const [replaced] = head.parents;
  if (replaced === undefined) return { from: null, to: tree };
  const before = await readCommit(ledger.reader, replaced);
  return before === null ? null : { from: before.tree, to: tree };
}

/** Of a record nothing is left in a commit that changes none of its files. Where not all can be looked at, something is. */
export async function touches(ledger: Ledger, record: ExecutionRecord, shape: CommitShape): Promise<boolean> {
  if (record.tree === null || (record.filesLeftOut ?? 0) > 0) return true;
  if (shape.parents.length > 0 && shape.parentTree === null) return true;
  const pair = { from: shape.parentTree ?? emptyTree(ledger.repo.format), to: shape.tree };
  const paths = new Set(record.files.map(({ path }) => path));
  return ofChanges(
    ledger,
    pair,
    ({ changes, total }) => total > changes.length || changes.some(({ path }) => paths.has(path)),
  );
}
