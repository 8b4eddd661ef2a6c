import type { Ledger } from '../ledger.ts';
import type { Ambiguous, ByContent, Found } from './found.ts';
import type { Looked } from './looked.ts';
import { type SquashedWorks, squashedRanges } from './ranges.ts';
import type { Work } from './works.ts';

/** Commits that make, byte for byte, the change of several commits together. */
export async function byRange(
  ledger: Ledger,
  looked: readonly Looked[],
  open: readonly Work[],
): Promise<ByContent> {
  const newest = looked.at(-1);
  if (newest === undefined || open.length === 0) return { found: [], ambiguous: [] };
  const waysOf = await squashedRanges(ledger, newest.commit.oid, open);
  const found: Found[] = [];
  const ambiguous: Ambiguous[] = [];
  const landed = new Set<Work>();
  for (const { commit, shape, named } of looked) {
    const { works, range, rivals } = surest(await waysOf(shape), landed);
    if (rivals.length > 0) ambiguous.push({ commit: commit.oid, records: rivals });
    for (const work of works) {
      landed.add(work);
      const sealed = named.includes(work.digest);
      const how = { grade: 'squashed', sealed, proof: 'range-patch-id' } as const;
      found.push({ commit, work, ...how, ...(range === null ? {} : { range }) });
    }
  }
  return { found, ambiguous };
}

/**
 * What every way to read a squash has in common, if one of them is just that; nothing, and all of the records, where they
 * contradict each other. What landed in an earlier commit is in that one.
 */
export function surest(
  ways: readonly SquashedWorks[],
  landed: ReadonlySet<Work>,
): SquashedWorks & { readonly rivals: readonly string[] } {
  const nothing = { works: [], range: null, rivals: [] };
  const open = ways
    .map(({ works, range }) => ({ range, works: works.filter((work) => !landed.has(work)) }))
    .filter(({ works }) => works.length > 0)
    .sort((a, b) => a.works.length - b.works.length);
  const [least] = open;
  if (least === undefined) return nothing;
  if (open.every(({ works }) => least.works.every((work) => works.includes(work))))
    return { ...least, rivals: [] };
  const all = open.flatMap(({ works }) => works.map(({ digest }) => digest));
  return { ...nothing, rivals: [...new Set(all)] };
}
