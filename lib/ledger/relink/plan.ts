import { reachedFrom } from '../../git/history/commit-range.ts';
import type { Ledger } from '../ledger.ts';
import { byPatch } from './by-patch.ts';
import { byRange } from './by-range.ts';
import { byTrailers } from './by-trailers.ts';
import type { Absent, Ambiguous, Found, Unproven } from './found.ts';
import { type Looked, lookAt, readCommits } from './looked.ts';
import { readWorks, type Work, type Works } from './works.ts';

export interface RelinkPlan {
  /** Commits that were looked at. */
  readonly looked: number;
  readonly found: readonly Found[];
  readonly ambiguous: readonly Ambiguous[];
  readonly unproven: readonly Unproven[];
  readonly absent: readonly Absent[];
}

/**
 * Which of some commits (newest first) hold work of records that aren't on them yet: by trailers on any line, then by the
 * change itself, then by that of a range of commits; never by likeness or place. Reads, and writes nothing. `known` is for a
 * caller that knows which records they may be; else the whole ledger is read.
 */
export async function planRelink(
  ledger: Ledger,
  commits: readonly string[],
  progress?: (text: string) => void,
  known?: Works,
): Promise<RelinkPlan> {
  const works = known ?? (await readWorks(ledger, progress));
  const looked = await lookAt(ledger, commits, works, progress);
  const named = await byTrailers(ledger, looked, works, progress);
  // A record that was changed on the way may be one of several that were squashed, of which the message names this one.
  const firm = named.found.filter(({ grade }) => grade !== 'modified');
  const open = await openWorks(ledger, looked, works, firm);
  const rest = without(looked, firm).filter(({ commit }) => !works.on.has(commit.oid));
  const alike = await byPatch(ledger, without(rest, named.found), open, works);
  progress?.('comparing with what branches change as a whole');
  const left = without(rest, [...alike.found, ...alike.ambiguous]);
  const ranges = await byRange(ledger, left, notLanded(open, alike.found), works);
  const squashed = new Set(ranges.found.map(keyOf));
  const changed = named.found.filter((one) => !firm.includes(one) && !squashed.has(keyOf(one)));
  const found = [...firm, ...changed, ...alike.found, ...ranges.found];
  const settled = new Set(found.map(keyOf));
  return {
    looked: looked.length,
    found,
    ambiguous: [...alike.ambiguous, ...ranges.ambiguous],
    unproven: named.unproven.filter(({ commit, record }) => !settled.has(`${commit} ${record}`)),
    absent: named.absent,
  };
}

/**
 * Records whose work is not yet in the history of the newest commits: a commit that makes a change its own history has
 * already made it anew. An amend took the place of what it amended.
 */
async function openWorks(
  ledger: Ledger,
  looked: readonly Looked[],
  { all }: Works,
  found: readonly Found[],
): Promise<Work[]> {
  const parents = new Set(looked.flatMap(({ shape }) => shape.parents));
  const tips = looked.map(({ shape }) => shape.oid).filter((oid) => !parents.has(oid));
  const placesOf = ({ from, landings }: Work): string[] => [from, ...landings.map(({ commit }) => commit)];
  const here = await readCommits(ledger, [...new Set(all.flatMap(placesOf))]);
  const reached = await reachedFrom(
    ledger.repo,
    here.map(({ oid }) => oid),
    tips,
  );
  const amended = new Set(all.flatMap(({ amends }) => amends ?? []));
  return notLanded(all, found).filter(
    (work) => !amended.has(work.from) && !placesOf(work).some((oid) => reached.has(oid)),
  );
}

function notLanded(works: readonly Work[], found: readonly Found[]): Work[] {
  const landed = new Set(found.map(({ work }) => work.digest));
  return works.filter(({ digest }) => !landed.has(digest));
}

function without(looked: readonly Looked[], settled: readonly (Found | Ambiguous)[]): Looked[] {
  const oids = new Set(settled.map(({ commit }) => (typeof commit === 'string' ? commit : commit.oid)));
  return looked.filter(({ commit }) => !oids.has(commit.oid));
}

function keyOf({ commit, work }: Found): string {
  return `${commit.oid} ${work.digest}`;
}
