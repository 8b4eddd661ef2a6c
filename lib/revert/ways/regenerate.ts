import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import type { Entry, EntryDiff } from '../../git/diffs/entry-diff.ts';
import { editTreeBytes } from '../../git/trees/tree-edit.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { changedFiles, pathOf } from '../checks/changed-files.ts';
import { classesOf, isLockfile } from '../kinds/path-kinds.ts';
import { ruleFor } from '../kinds/regenerate-rules.ts';
import { remake } from '../kinds/remake.ts';
import { type WithoutDerived, withoutDerived } from '../kinds/without-derived.ts';
import { dependantOf } from '../telling/findings.ts';
import { UNLIMITED } from '../working-out/budget.ts';
import { answer, type Closure, closureOf } from '../working-out/closure.ts';
import { deletedSince } from '../working-out/deleted-since.ts';
import type { Workshop } from '../working-out/relaxed.ts';
import type { Situation } from '../working-out/situation.ts';
import { type Option, type PlanFlags, verdictOf, verifiedBy, type Way, withTree } from './way.ts';

/** What there is to make again, worked out without running anything. */
export interface Regeneration {
  readonly option: Option;
  readonly closure: Closure;
  /** The result with derived files as they are now, for their tools to start from. */
  readonly tree: string;
  /** Files that have to be made again. */
  readonly paths: readonly string[];
}

/**
 * Derived files are taken out of the merge: the work is taken back as if they had never been. Null where no rule is
 * configured, the work has nothing to do with such files, or something else is in the way.
 */
export async function regenerationOf(
  shop: Workshop,
  situation: Situation,
  flags: PlanFlags,
  most: number,
): Promise<Regeneration | null> {
  const rules = flags.regenerator?.rules ?? [];
  if (rules.length === 0) return null;
  const { scratch } = shop;
  const without = await withoutDerived(scratch, situation.history, (path) => ruleFor(rules, path) !== null);
  const closure = await settled(shop, without, situation.going, most);
  if (closure === null) return null;
  const adds = closure.extras.map(({ change }) => change.commit);
  const { files, touched } = presentAfter(without, new Set([...situation.going, ...adds]));
  const locks = await locksOfManifests(shop, without.history.head, closure.tree, files);
  const paths = [...new Set([...touched, ...locks])].filter((path) => files.has(path));
  if (touched.size === 0 && paths.length === 0) return null;
  const named = paths.map((path) => pathOf({ path }));
  const option: Option = {
    flag: adds.length === 0 ? '--regenerate' : '--regenerate --with-dependants',
    verdict: 'needs-decision',
    adds,
    regenerates: named,
  };
  const tree = await editTreeBytes(scratch, closure.tree, files);
  return { option, closure, tree, paths: named };
}

async function settled(
  { merge }: Workshop,
  { history }: WithoutDerived,
  going: ReadonlySet<string>,
  most: number,
): Promise<Closure | null> {
  const { undone, without } = await answer(merge, history, going);
  if (undone.tree !== null && undone.tree === without)
    return { tree: without, extras: [], keptDeleted: undone.keptDeleted };
  return closureOf(merge, history, going, most);
}

/** Which derived files there are without the work: what it brought goes, what it deleted is there again. */
function presentAfter(
  { now, touched, history }: WithoutDerived,
  going: ReadonlySet<string>,
): { readonly files: Map<string, Entry>; readonly touched: ReadonlySet<string> } {
  const net = new Map<string, Pick<EntryDiff, 'from' | 'to'>>();
  for (const { commit } of history.changes)
    for (const { path, from, to } of (going.has(commit) ? touched.get(commit) : null) ?? [])
      net.set(path, { from: net.has(path) ? (net.get(path)?.from ?? null) : from, to });
  const files = new Map(now);
  for (const [path, { from, to }] of net) {
    if (from === null && to !== null) files.delete(path);
    else if (from !== null && to === null && !files.has(path)) files.set(path, from);
  }
  return { files, touched: new Set(net.keys()) };
}

/** The lockfile beside each manifest that would change, or the nearest above it. */
async function locksOfManifests(
  { scratch }: Workshop,
  from: string,
  to: string,
  files: ReadonlyMap<string, Entry>,
): Promise<Set<string>> {
  const byFolder = new Map<string, string[]>();
  for (const path of files.keys())
    if (isLockfile(pathOf({ path })))
      byFolder.set(folderOf(path), [...(byFolder.get(folderOf(path)) ?? []), path]);
  const locks = new Set<string>();
  for (const { path } of byFolder.size === 0 ? [] : await changedFiles(scratch, from, to)) {
    if (!classesOf(path).includes('dependency-manifest')) continue;
    const bytes = Buffer.from(path, 'utf8').toString('latin1');
    for (let at: string | null = folderOf(bytes); at !== null; at = at === '' ? null : folderOf(at)) {
      const found = byFolder.get(at);
      for (const lock of found ?? []) locks.add(lock);
      if (found !== undefined) break;
    }
  }
  return locks;
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** Runs the commands and says what that leads to; in words what went wrong where one of them fails. */
export async function regenerateWay(
  ledger: Ledger,
  shop: Workshop,
  situation: Situation,
  flags: PlanFlags,
  { option, closure, tree: start, paths }: Regeneration,
): Promise<Way | string> {
  const { regenerator } = flags;
  if (regenerator === undefined) throw new Error('nothing is made again without a rule');
  const { outside } = shop.budget ?? UNLIMITED;
  const { tree, failure } = await outside(() => remake(shop.scratch, start, paths, regenerator));
  if (failure !== null) return failure;
  const verified = await verifiedBy(flags, situation, tree);
  const verdict: Option['verdict'] = tree === situation.tip.tree ? 'noop' : verdictOf(verified);
  const dependants = await Promise.all(closure.extras.map((one) => dependantOf(ledger, one)));
  const going = new Set([...situation.going, ...option.adds]);
  const regenerated = paths.map((path) => ({
    path,
    command: ruleFor(regenerator.rules, path)?.command ?? '',
  }));
  return {
    option: { ...option, verdict },
    tree,
    going,
    dependants,
    verified,
    isRemade: (path) => ruleFor(regenerator.rules, path) !== null,
    chosenBy: ({ withDependants }) =>
      verified !== false && (option.adds.length === 0 || withDependants === true),
    apply: async (body) => {
      const superseded = await deletedSince(shop.scratch, situation.history, going, closure.keptDeleted);
      const kept = body.kept - option.adds.length;
      const plan = { ...body, verdict, dependants, verified, superseded, kept };
      if (verdict === 'noop') return plan;
      return { ...(await withTree(shop, situation, plan, { tree, going })), ...told(regenerated) };
    },
  };
}

function told(regenerated: NonNullable<RevertPlan['regenerated']>): Pick<RevertPlan, 'regenerated'> {
  return regenerated.length === 0 ? {} : { regenerated };
}
