import type { ThreeTrees } from '../../git/merges/merge-trees.ts';
import { writeObject } from '../../git/objects/scratch.ts';
import { editTree, type TreeEdit } from '../../git/trees/tree-edit.ts';
import { UNLIMITED } from '../working-out/budget.ts';
import type { Merge } from '../working-out/change.ts';
import type { Workshop } from '../working-out/relaxed.ts';
import { mergeByKey, type ThreeTexts, withSameLineEnds } from './file-merge.ts';
import { type Formatter, formatFiles } from './format-trees.ts';
import { isLockfile } from './path-kinds.ts';
import { readText } from './texts.ts';
import { entryAt } from './tree-entry.ts';

/** What was done to files that git alone could not merge, in words, by path. */
export type Refinements = Map<string, string>;

export interface RefineOptions {
  readonly formatter: Formatter | null;
  /** Gets what was done. */
  readonly told: Refinements;
}

/** More files in conflict than this are not looked at one by one. */
const MOST_PATHS = 200;

/**
 * git's merge, and where that leaves files in conflict, what is known of their kind: keys instead of lines, the same
 * line ends on all sides, the same format on all sides. A conflict of any other sort stays one.
 */
export function refinedMerge(shop: Workshop, options: RefineOptions): Merge {
  const known = new Map<string, ReturnType<Merge>>();
  return (trees) => {
    const key = `${trees.base} ${trees.ours} ${trees.theirs} ${trees.later ?? ''}`;
    const merged = known.get(key) ?? refine(shop, options, trees);
    known.set(key, merged);
    return merged;
  };
}

async function refine(shop: Workshop, options: RefineOptions, trees: ThreeTrees): ReturnType<Merge> {
  const plain = await shop.merge(trees);
  const paths = textConflicts(plain);
  if (paths === null) return plain;
  const told: Refinements = new Map();
  const byKey = await mergedByKey(shop, trees, paths);
  for (const { path } of byKey) told.set(path, `${path} was merged key by key`);
  const rest = paths.filter((path) => !byKey.some((one) => one.path === path));
  const same = rest.length === 0 ? plain : await withSameText(shop, options, trees, { paths: rest, told });
  const left = same === null ? null : textConflicts(same);
  if (
    same === null ||
    (same.conflicts.length > 0 && (left === null || left.some((path) => rest.includes(path))))
  )
    return plain;
  for (const [path, what] of told) options.told.set(path, what);
  return { ...same, tree: await editTree(shop.scratch, same.tree, byKey), conflicts: [] };
}

/** The files in conflict; null where there are none, or something else is in conflict than lines. */
function textConflicts({ conflicts }: Awaited<ReturnType<Merge>>): string[] | null {
  const paths = [...new Set(conflicts.flatMap((one) => one.paths))];
  const isText = conflicts.every(({ type }) => type === 'CONFLICT (contents)');
  return paths.length > 0 && paths.length <= MOST_PATHS && isText && !paths.some(isLockfile) ? paths : null;
}

async function textsAt({ reader }: Workshop, trees: ThreeTrees, path: string): Promise<ThreeTexts | null> {
  const [base, ours, theirs] = await Promise.all(
    [trees.base, trees.ours, trees.theirs].map(async (tree) => {
      const entry = await entryAt(reader, tree, path);
      return entry === null ? null : readText(reader, entry.oid);
    }),
  );
  return base == null || ours == null || theirs == null ? null : { base, ours, theirs };
}

async function mergedByKey(shop: Workshop, trees: ThreeTrees, paths: readonly string[]): Promise<TreeEdit[]> {
  const edits: TreeEdit[] = [];
  for (const path of paths) {
    const texts = await textsAt(shop, trees, path);
    const merged = texts === null ? null : await mergeByKey(path, texts);
    const entry = merged === null ? null : await entryAt(shop.reader, trees.ours, path);
    if (merged === null || entry === null) continue;
    const oid = await writeObject(shop.scratch, 'blob', Buffer.from(merged, 'utf8'));
    edits.push({ path, entry: { mode: entry.mode, oid } });
  }
  return edits;
}

interface Rest {
  readonly paths: readonly string[];
  readonly told: Refinements;
}

/** Merges once more after what differs in line ends alone, or in format alone, is the same on all sides. */
async function withSameText(
  shop: Workshop,
  { formatter }: RefineOptions,
  trees: ThreeTrees,
  { paths, told }: Rest,
): Promise<Awaited<ReturnType<Merge>> | null> {
  const ends = await sameLineEnds(shop, trees, paths);
  const merged = ends === null ? null : await shop.merge(ends.trees);
  const left = merged === null ? paths : paths.filter((path) => inConflict(merged, path));
  const done = paths.filter((path) => !left.includes(path));
  for (const path of done) told.set(path, `${path} was merged with the line ends it has now`);
  if (left.length === 0 || formatter === null) return merged;
  const formatted = await sameFormat(shop, formatter, ends?.trees ?? trees, left);
  for (const path of left) told.set(path, `${path} was merged after all sides were formatted alike`);
  return formatted === null ? null : shop.merge(formatted);
}

function inConflict({ conflicts }: Awaited<ReturnType<Merge>>, path: string): boolean {
  return conflicts.some(({ paths }) => paths.includes(path));
}

async function sameLineEnds(
  shop: Workshop,
  trees: ThreeTrees,
  paths: readonly string[],
): Promise<{ readonly trees: ThreeTrees } | null> {
  const edits = { base: [] as TreeEdit[], ours: [] as TreeEdit[], theirs: [] as TreeEdit[] };
  for (const path of paths) {
    const texts = await textsAt(shop, trees, path);
    const same = texts === null ? null : withSameLineEnds(texts);
    if (same === null) continue;
    for (const side of ['base', 'ours', 'theirs'] as const) {
      const oid = await writeObject(shop.scratch, 'blob', Buffer.from(same[side], 'utf8'));
      const mode = (await entryAt(shop.reader, trees[side], path))?.mode ?? '100644';
      edits[side].push({ path, entry: { mode, oid } });
    }
  }
  if (edits.base.length === 0) return null;
  const tree = (side: keyof ThreeTexts): Promise<string> => editTree(shop.scratch, trees[side], edits[side]);
  // One after the other: they share an index.
  return {
    trees: { ...trees, base: await tree('base'), ours: await tree('ours'), theirs: await tree('theirs') },
  };
}

/** Null where neither side is as the formatter leaves it: then the result would be new to everybody. */
async function sameFormat(
  { scratch, budget = UNLIMITED }: Workshop,
  formatter: Formatter,
  trees: ThreeTrees,
  paths: readonly string[],
): Promise<ThreeTrees | null> {
  const formatted = (tree: string): Promise<string | null> =>
    budget.outside(() => formatFiles(scratch, tree, paths, formatter));
  const ours = await formatted(trees.ours);
  const theirs = await formatted(trees.theirs);
  if (ours === null || theirs === null || (ours !== trees.ours && theirs !== trees.theirs)) return null;
  const base = await formatted(trees.base);
  return base === null ? null : { ...trees, base, ours, theirs };
}
