import type { CommitRange } from '../../git/history/commit-range.ts';
import { judgeNominees } from '../binding/judge.ts';
import { nomineesFor } from '../binding/nominate.ts';
import { patchBetween } from '../binding/patch-cache.ts';
import { type Ledger, readNote } from '../ledger.ts';
import type { Absent, Found, Unproven } from './found.ts';
import { changeOf, isDone, type Looked, readCommits } from './looked.ts';
import { finderOf, type Works } from './works.ts';

export interface ByTrailers {
  readonly found: Found[];
  readonly unproven: Unproven[];
  readonly absent: Absent[];
}

/** What messages name and the content bears out. */
export async function byTrailers(
  ledger: Ledger,
  looked: readonly Looked[],
  works: Works,
  progress?: (text: string) => void,
): Promise<ByTrailers> {
  const all: ByTrailers = { found: [], unproven: [], absent: [] };
  const asked = looked.filter((one) => one.named.length > 0 && !isDone(works, one));
  for (const [i, one] of asked.entries()) {
    progress?.(`checking what messages name: ${i} of ${asked.length} commits`);
    const { found, unproven, absent } = await ofMessage(ledger, one, works);
    all.found.push(...found);
    all.unproven.push(...unproven);
    all.absent.push(...absent);
  }
  return all;
}

async function ofMessage(
  ledger: Ledger,
  { commit, shape, named }: Looked,
  works: Works,
): Promise<ByTrailers> {
  const { oid } = commit;
  const find = finderOf(works);
  const claims = { txns: [], records: named };
  const { nominees } = await nomineesFor(ledger, oid, await readNote(ledger, oid), claims, find);
  const judged = await judgeNominees(ledger, nominees, shape, find);
  const here = works.on.get(oid) ?? new Set();
  const found = judged.flatMap(({ candidate, binding, sealed }): Found[] => {
    const work = works.byDigest.get(candidate.record.digest);
    if (work === undefined || here.has(work.digest) || work.from === oid) return [];
    if (binding === 'claimed' || binding === 'none') return [];
    return [{ commit, work, grade: binding, sealed, proof: sealed ? 'trailer' : 'range-patch-id' }];
  });
  const range = await rangeOf(
    ledger,
    shape,
    found.filter(({ grade }) => grade === 'squashed'),
  );
  const proven = new Set([...here, ...found.map(({ work }) => work.digest)]);
  const open = named.filter((digest) => !proven.has(digest));
  const isMerge = shape.parents.length > 1;
  return {
    found: range === null ? found : found.map((one) => (one.grade === 'squashed' ? { ...one, range } : one)),
    // A merge repeats what it merges: that has its own commits.
    unproven: isMerge ? [] : await whyUnproven(ledger, shape, open, works),
    absent: open.filter((digest) => !works.byDigest.has(digest)).map((record) => ({ commit: oid, record })),
  };
}

/** From the first of some squashed commits to the last, if that is the commit's change: for others to check by. */
async function rangeOf(
  ledger: Ledger,
  shape: Looked['shape'],
  squashed: readonly Found[],
): Promise<CommitRange | null> {
  const works = squashed.map(({ work }) => work).sort((a, b) => (a.id < b.id ? -1 : 1));
  const [first, last] = [works[0], works.at(-1)];
  const change = changeOf(shape);
  if (first === undefined || last === undefined || last.tree === null || change === null) return null;
  const whole = { from: first.head.tree, to: last.tree };
  const same = (await patchBetween(ledger, whole)) === (await patchBetween(ledger, change));
  return same ? { base: first.head.commit, head: last.from } : null;
}

async function whyUnproven(
  ledger: Ledger,
  { oid, parents, parentTree }: Looked['shape'],
  open: readonly string[],
  { byDigest }: Works,
): Promise<Unproven[]> {
  const known = open.flatMap((digest) => byDigest.get(digest) ?? []);
  const isShallow = parents.length > 0 && parentTree === null;
  const commits = await readCommits(
    ledger,
    known.map(({ from }) => from),
  );
  const here = new Set(commits.map((commit) => commit.oid));
  return known.map(({ digest, from }) => ({
    commit: oid,
    record: digest,
    why: isShallow ? 'shallow' : here.has(from) ? 'differs' : 'missing',
  }));
}
