import { type Commit, readCommit } from '../../git/objects/objects.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { shallowCommits } from '../../git/repository/shallow.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { type OthersMerge, unitsOn } from './landed.ts';
import { type Candidates, candidatesFor, type Member } from './members.ts';
import { lostAmong, newestOf, remapped } from './remap.ts';
import type { Unit } from './unit-history.ts';
import type { LineCommit } from './units.ts';

/** What of some transactions is on a branch. */
export interface Found {
  /** Oldest first. */
  readonly units: readonly Unit[];
  readonly members: readonly Member[];
  /** Every commit that is theirs, wherever it is. */
  readonly commits: readonly string[];
  /** Commits of theirs that are not on it. */
  readonly missing: readonly string[];
  /** Merges of theirs that are on it, and stay: what they brought is other people's. */
  readonly merges: readonly OthersMerge[];
  /** Of what is missing, the ones no branch or tag leads to. */
  readonly lost: readonly string[];
  /** Commits that only say they are theirs, and stay. */
  readonly claimed: readonly string[];
  readonly problems: readonly string[];
  /** The branch's own commits, newest first, down to the oldest unit. */
  readonly line: readonly LineCommit[];
  /** Whether a commit that came onto the branch with the oldest unit or later may say it takes another back. */
  readonly saysReverts: boolean;
}

/** Finds what of some transactions landed on a branch, also where its history was rewritten since. */
export async function foundOn(
  ledger: Ledger,
  scratch: Scratch,
  txns: readonly string[],
  tip: Commit,
  includeClaimed: boolean,
): Promise<Found> {
  const named = await candidatesFor(ledger, scratch, txns, tip.oid);
  const wanted = includeClaimed ? await singleCommits(ledger, named.claimed) : [];
  const landed = await unitsOn(ledger, tip.oid, named, wanted);
  const rewritten = await rewrittenOf(ledger, scratch, tip.oid, named, missingFrom(named, landed.units));
  const candidates = withMembers(named, rewritten);
  const { units, line, merges } =
    rewritten.length === 0 ? landed : await unitsOn(ledger, tip.oid, candidates, wanted);
  const missing = missingFrom(candidates, units).filter(
    (oid) => !merges.some(({ commit }) => commit === oid),
  );
  return {
    units,
    members: candidates.members,
    commits: [...new Set(candidates.members.map(({ commit }) => commit))],
    missing,
    merges,
    lost: await lostAmong(ledger, missing),
    claimed: candidates.claimed.filter((commit) => !wanted.includes(commit)),
    problems: candidates.problems,
    line,
    saysReverts: await maySayReverts(ledger, candidates, units),
  };
}

/**
 * Commits of the branch that can be shown to hold what is missing from it: any, where its own commits are gone, else those that say
 * so. `relink` writes it down on the same proof, but need not have run.
 */
async function rewrittenOf(
  ledger: Ledger,
  scratch: Scratch,
  tip: string,
  candidates: Candidates,
  missing: readonly string[],
): Promise<Member[]> {
  const lost = await lostAmong(ledger, missing);
  const gone = new Set(lost);
  const elsewhere = missing.filter((commit) => !gone.has(commit));
  const [found, said] = await Promise.all([
    lost.length === 0 ? [] : remapped(ledger, scratch, await newestOf(ledger, tip), candidates, lost),
    remapped(ledger, scratch, candidates.claimed, candidates, elsewhere),
  ]);
  return [...found, ...said];
}

function withMembers(candidates: Candidates, more: readonly Member[]): Candidates {
  if (more.length === 0) return candidates;
  const known = new Set(more.map(({ stored }) => stored.digest));
  const shown = new Set(more.map(({ commit }) => commit));
  const unproven = candidates.records.filter(
    ({ commit, stored }) => candidates.unproven.includes(commit) && !known.has(stored.digest),
  );
  return {
    ...candidates,
    members: [...candidates.members, ...more],
    claimed: candidates.claimed.filter((commit) => !shown.has(commit)),
    unproven: unproven.map(({ commit }) => commit),
  };
}

/** What was not searched may say so, unless it is just what the branch had before the oldest unit. */
async function maySayReverts(
  ledger: Ledger,
  { saysReverts, searchedFrom }: Candidates,
  [oldest]: readonly Unit[],
): Promise<boolean> {
  if (saysReverts || searchedFrom === null || oldest === undefined) return saysReverts;
  const commit = await readCommit(ledger.reader, oldest.commit);
  return commit?.parents[0] !== searchedFrom;
}

/** Why what was found can't be relied on; empty when it can. */
export async function refusalOf(
  ledger: Ledger,
  { units, missing, lost, problems }: Found,
): Promise<readonly string[]> {
  if (problems.length > 0) return problems;
  const shallow = await shallowCommits(ledger.repo);
  const here = await Promise.all(missing.map((commit) => readCommit(ledger.reader, commit)));
  if (shallow.size > 0 && (units.length === 0 || here.some((commit) => commit === null)))
    return ['this clone is shallow: commits of it may lie beyond its end (git fetch --unshallow)'];
  if (units.length === 0 && lost.length > 0 && lost.length === missing.length)
    return [
      'history was rewritten: no branch or tag leads to the commits of its records, and none here makes the same change',
    ];
  return [];
}

/** A merge somebody named is not theirs: it brought other work. */
async function singleCommits(ledger: Ledger, commits: readonly string[]): Promise<string[]> {
  const read = await Promise.all(commits.map((commit) => readCommit(ledger.reader, commit)));
  return read.flatMap((commit) => (commit !== null && commit.parents.length < 2 ? [commit.oid] : []));
}

function missingFrom({ members, unproven }: Candidates, units: readonly Unit[]): string[] {
  const onBranch = new Set(units.flatMap((unit) => unit.members));
  const here = members.filter(({ commit }) => onBranch.has(commit));
  const landed = new Set(here.map(({ stored }) => stored.digest));
  const elsewhere = members.filter(({ stored }) => !landed.has(stored.digest)).map(({ commit }) => commit);
  const rest = unproven.filter((commit) => !elsewhere.includes(commit));
  return [...new Set([...elsewhere, ...rest])];
}
