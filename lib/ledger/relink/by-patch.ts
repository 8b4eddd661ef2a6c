import { fitOf } from '../binding/grade.ts';
import { patchBetween, patchesBetween } from '../binding/patch-cache.ts';
import type { Ledger } from '../ledger.ts';
import type { Ambiguous, ByContent, Found } from './found.ts';
import { changeOf, type Looked, readCommits, sealedChangeOf } from './looked.ts';
import { type Alike, matchAlike } from './same-patch.ts';
import { finderOf, type Work, type Works } from './works.ts';

/** Commits that make, byte for byte, the change a record was sealed for. */
export async function byPatch(
  ledger: Ledger,
  looked: readonly Looked[],
  open: readonly Work[],
  works: Works,
): Promise<ByContent> {
  const recordsOf = byPatchId(open);
  const found: Found[] = [];
  const ambiguous: Ambiguous[] = [];
  const making = await commitsMaking(ledger, looked, recordsOf);
  const likely = [...making.keys()].flatMap((id) => recordsOf.get(id) ?? []);
  await patchesBetween(
    ledger,
    likely.flatMap((work) => sealedChangeOf(work) ?? []),
  );
  for (const [id, commits] of making) {
    const records = recordsOf.get(id) ?? [];
    const alike = commits.map(({ commit }): Alike => ({ id: commit.oid, author: commit.author }));
    const matched = matchAlike(alike, await authorsOf(ledger, records));
    ambiguous.push(...matched.ambiguous);
    for (const pair of matched.pairs) {
      const one = commits.find(({ commit }) => commit.oid === pair.commit);
      const work = records.find(({ digest }) => digest === pair.record);
      const match = one && work ? await checked(ledger, one, work, works) : null;
      if (match !== null) found.push(match);
    }
  }
  return { found, ambiguous };
}

function byPatchId(works: readonly Work[]): Map<string, Work[]> {
  const found = new Map<string, Work[]>();
  for (const work of works) {
    const landed = work.landings.filter(({ grade }) => grade !== 'squashed');
    for (const id of new Set([...work.bindings, ...landed].map(({ patchId }) => patchId)))
      if (id !== null) found.set(id, [...(found.get(id) ?? []), work]);
  }
  return found;
}

async function commitsMaking(
  ledger: Ledger,
  looked: readonly Looked[],
  wanted: ReadonlyMap<string, unknown>,
): Promise<Map<string, Looked[]>> {
  const found = new Map<string, Looked[]>();
  for (const one of looked) {
    const change = changeOf(one.shape);
    const id = change === null ? null : await patchBetween(ledger, change);
    if (id !== null && wanted.has(id)) found.set(id, [...(found.get(id) ?? []), one]);
  }
  return found;
}

async function authorsOf(ledger: Ledger, works: readonly Work[]): Promise<Alike[]> {
  const commits = await readCommits(
    ledger,
    works.map(({ from }) => from),
  );
  const authors = new Map(commits.map(({ oid, author }) => [oid, author]));
  return works.map(({ digest, from }) => ({ id: digest, author: authors.get(from) ?? null }));
}

/** What the ledger says of a patch is checked as everywhere else. */
async function checked(
  ledger: Ledger,
  { commit, shape, named }: Looked,
  work: Work,
  works: Works,
): Promise<Found | null> {
  const [candidate] = await finderOf(works)(ledger, [work.digest]);
  if (candidate === undefined) return null;
  const bindings = [...work.bindings, ...work.landings.filter(({ grade }) => grade === 'modified')];
  const grade = await fitOf(ledger, { record: candidate.record.record, bindings }, shape);
  if (grade === null) return null;
  return { commit, work, grade, sealed: named.includes(work.digest), proof: 'patch-id' };
}
