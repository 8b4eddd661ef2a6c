import { type Commit, readCommit } from '../../git/objects/objects.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { shallowCommits } from '../../git/repository/shallow.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { unitsOn } from './landed.ts';
import { type Candidates, candidatesFor, type Member } from './members.ts';
import { lostAmong, remapped } from './remap.ts';
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
  /** Of those, the ones no branch or tag leads to. */
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
  let candidates = await candidatesFor(ledger, scratch, txns, tip.oid);
  const wanted = includeClaimed ? await singleCommits(ledger, candidates.claimed) : [];
  let { units, line } = await unitsOn(ledger, tip.oid, candidates, wanted);
  let lost = await lostAmong(ledger, missingFrom(candidates, units));
  if (lost.length > 0) {
    const members = await remapped(ledger, tip.oid, candidates, lost);
    if (members.length > 0) {
      const known = new Set(members.map(({ stored }) => stored.digest));
      const unproven = candidates.records.filter(
        ({ commit, stored }) => candidates.unproven.includes(commit) && !known.has(stored.digest),
      );
      candidates = {
        ...candidates,
        members: [...candidates.members, ...members],
        unproven: unproven.map(({ commit }) => commit),
      };
      ({ units, line } = await unitsOn(ledger, tip.oid, candidates, wanted));
      lost = await lostAmong(ledger, missingFrom(candidates, units));
    }
  }
  return {
    units,
    members: candidates.members,
    commits: [...new Set(candidates.members.map(({ commit }) => commit))],
    missing: missingFrom(candidates, units),
    lost,
    claimed: candidates.claimed.filter((commit) => !wanted.includes(commit)),
    problems: candidates.problems,
    line,
    saysReverts: await maySayReverts(ledger, candidates, units),
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
