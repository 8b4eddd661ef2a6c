import type { ExecutionRecord, LandingRecord, StoredRecord } from '../../core/records/record.ts';
import { reachedFrom } from '../../git/history/commit-range.ts';
import { readCommit } from '../../git/objects/objects.ts';
import { remoteHeadBranch } from '../../git/repository/repository.ts';
import { judgeAll } from '../binding/landed.ts';
import { aliveAmong, headIfAny } from '../binding/whereabouts.ts';
import type { Ledger } from '../ledger.ts';

/** A record, the commit whose note holds it, and where its work is said to have gone. */
export interface Placed {
  readonly commit: string;
  readonly stored: StoredRecord<ExecutionRecord>;
  readonly landings: readonly LandingRecord[];
}

/**
 * The commits each record's work is in now: those in the history of HEAD or of the remote's default branch, else those a
 * branch or tag leads to, else what git last made of it. Where it went counts when the content bears it out. What an
 * amend replaced is in the amend.
 */
export async function presentCommits<T extends Placed>(
  ledger: Ledger,
  placed: readonly T[],
): Promise<Map<T, readonly string[]>> {
  const amended = new Set(placed.flatMap(({ stored }) => stored.record.amends ?? []));
  const moved = placed.filter(({ commit, landings }) => landings.length > 0 || amended.has(commit));
  const present = new Map<T, readonly string[]>(placed.map((one) => [one, [one.commit]]));
  if (moved.length === 0) return present;
  const alive = await aliveAmong(ledger, moved.flatMap(placesOf));
  const landed = moved.flatMap(({ landings }) => landings.map(({ commit }) => commit));
  const proven = await provenOn(ledger, landed);
  const main = await onMain(ledger, [...alive]);
  for (const one of moved) {
    const digest = one.stored.digest;
    const isHeld = (oid: string): boolean => oid === one.commit || proven.get(oid)?.has(digest) === true;
    const places = placesOf(one).filter((oid) => alive.has(oid) && isHeld(oid));
    const onIt = places.filter((oid) => main.has(oid));
    const [last] =
      places.length > 0 || amended.has(one.commit) ? [] : [lastRewrite(one, isHeld) ?? one.commit];
    present.set(one, onIt.length > 0 ? onIt : last === undefined ? places : [last]);
  }
  return present;
}

function placesOf({ commit, landings }: Placed): string[] {
  return [...new Set([commit, ...landings.map((landing) => landing.commit)])];
}

async function provenOn(ledger: Ledger, oids: readonly string[]): Promise<Map<string, Set<string>>> {
  const proven = new Map<string, Set<string>>();
  for await (const { commit, judged } of judgeAll(ledger, oids))
    proven.set(commit.oid, new Set(judged.map(({ candidate }) => candidate.record.digest)));
  return proven;
}

async function onMain(ledger: Ledger, commits: readonly string[]): Promise<Set<string>> {
  const branch = await remoteHeadBranch(ledger.repo);
  const theirs = branch === null ? null : await readCommit(ledger.reader, `refs/remotes/origin/${branch}`);
  const tips = [...(await headIfAny(ledger)), ...(theirs === null ? [] : [theirs.oid])];
  return tips.length === 0 ? new Set() : reachedFrom(ledger.repo, commits, tips);
}

function lastRewrite({ landings }: Placed, isHeld: (oid: string) => boolean): string | undefined {
  return landings.filter(({ via, commit }) => via === 'post-rewrite' && isHeld(commit)).at(-1)?.commit;
}
