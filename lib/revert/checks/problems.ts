import type { Workshop } from '../relaxed.ts';
import type { Situation } from '../situation.ts';
import { changedFiles } from './changed-files.ts';
import { unlockedManifests } from './lock-consistency.ts';
import { brokenFiles } from './parses.ts';
import { strangers } from './strangers.ts';
import { mergedAgainstAttributes } from './unmergeable.ts';

/** Above that nobody looks at a plan file by file, and a check of each would take too long. */
const MOST_NAMED = 5;

/**
 * What is wrong with the tree a plan would lead to, in words; empty when nothing is. Every result is looked at, however
 * clean the merge was: what could be read before can be read, lockfiles fit, and nothing changed that the work never touched.
 */
export async function problemsIn(
  shop: Workshop,
  { history, tip }: Situation,
  going: ReadonlySet<string>,
  tree: string,
): Promise<string[]> {
  const { scratch, reader } = shop;
  const files = await changedFiles(scratch, tip.tree, tree);
  const gone = history.changes.filter(({ commit }) => going.has(commit));
  const strange = await strangers(scratch, gone, tip.tree, files);
  return [
    ...(strange.length === 0 ? [] : [`${named(strange)} would change, which it never touched`]),
    ...(await brokenFiles(reader, files)),
    ...(await unlockedManifests(reader, tip.tree, tree, files)),
    ...(await mergedAgainstAttributes(shop, { base: history.base, tip: tip.tree }, files)),
  ];
}

function named(paths: readonly string[]): string {
  const more = paths.length - MOST_NAMED;
  return paths.slice(0, MOST_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
