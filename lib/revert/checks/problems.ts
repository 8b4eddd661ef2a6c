import type { RegenerateRule } from '../kinds/regenerate-rules.ts';
import type { Workshop } from '../working-out/relaxed.ts';
import type { Situation } from '../working-out/situation.ts';
import { changedFiles } from './changed-files.ts';
import { mergedThoughMade } from './generated.ts';
import { unlockedManifests } from './lock-consistency.ts';
import { brokenFiles } from './parses.ts';
import { strangers } from './strangers.ts';
import { mergedAgainstAttributes } from './unmergeable.ts';

/** Above that nobody looks at a plan file by file, and a check of each would take too long. */
const MOST_NAMED = 5;

/** What is known of files that a tool makes of others. */
export interface Derived {
  readonly rules?: readonly RegenerateRule[];
  /** Whether a tool has made a file for this very tree. */
  readonly isRemade?: (path: string) => boolean;
}

/**
 * What is wrong with the tree a plan would lead to, in words; empty when nothing is. Every result is looked at, however
 * clean the merge was: what could be read before can be read, lockfiles fit, and nothing changed that the work never touched.
 */
export async function problemsIn(
  shop: Workshop,
  { history, tip }: Situation,
  going: ReadonlySet<string>,
  tree: string,
  derived: Derived = {},
): Promise<string[]> {
  const { scratch, reader } = shop;
  const files = await changedFiles(scratch, tip.tree, tree);
  const merged = files.filter(({ path }) => derived.isRemade?.(path) !== true);
  const strange = await strangers(scratch, history.changes, going, tip.tree, merged);
  return [
    ...(strange.length === 0 ? [] : [`${named(strange)} would change, which it never touched`]),
    ...(await brokenFiles(reader, files)),
    ...(await unlockedManifests(reader, tip.tree, tree, files)),
    ...(await mergedAgainstAttributes(shop, { base: history.base, tip: tip.tree }, merged)),
    ...(await mergedThoughMade(reader, history.base, merged, derived.rules ?? [])),
  ];
}

function named(paths: readonly string[]): string {
  const more = paths.length - MOST_NAMED;
  return paths.slice(0, MOST_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
