import { touches } from '../binding/grade.ts';
import type { Ledger } from '../ledger.ts';
import type { Ambiguous, ByContent, Found } from './found.ts';
import type { Looked } from './looked.ts';
import { type SquashedWorks, squashedRanges } from './ranges.ts';
import { finderOf, type Work, type Works } from './works.ts';

/**
 * Commits that make, byte for byte, the change of several commits together. Where but one of those has a record, the rest
 * of it is other people's.
 */
export async function byRange(
  ledger: Ledger,
  looked: readonly Looked[],
  open: readonly Work[],
  known: Works,
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
    const [only] = works;
    if (only && works.length === 1 && !(await isLeft(ledger, only, shape, known))) continue;
    const grade = works.length === 1 ? 'modified' : 'squashed';
    for (const work of works) {
      landed.add(work);
      const how = { grade, sealed: named.includes(work.digest), proof: 'range-patch-id' } as const;
      found.push({ commit, work, ...how, ...(range === null ? {} : { range }) });
    }
  }
  return { found, ambiguous };
}

/** Other people's commits of the range may have taken it back. */
async function isLeft(
  ledger: Ledger,
  { digest }: Work,
  shape: Looked['shape'],
  known: Works,
): Promise<boolean> {
  const [candidate] = await finderOf(known)(ledger, [digest]);
  return candidate !== undefined && (await touches(ledger, candidate.record.record, shape));
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
