import type { ExecutionRecord, StoredRecord } from '../../core/records/record.ts';
import { commitsBetween } from '../../git/history/commit-range.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { aliveAmong } from '../../ledger/binding/whereabouts.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { planRelink } from '../../ledger/relink/plan.ts';
import { worksOn } from '../../ledger/relink/works.ts';
import { type Candidates, type Member, workOf } from './members.ts';

/** Newest commits of a branch that are compared with records whose own commits are gone. */
const MOST_COMPARED = 2000;

/** Commits of a transaction that no branch or tag leads to any more. */
export async function lostAmong(ledger: Ledger, missing: readonly string[]): Promise<string[]> {
  if (missing.length === 0) return [];
  const alive = await aliveAmong(ledger, missing);
  return missing.filter((commit) => !alive.has(commit));
}

/** The newest commits of a branch, as many as are compared; none where it has more. */
export async function newestOf(ledger: Ledger, tip: string): Promise<readonly string[]> {
  return [...((await commitsBetween(ledger.repo, { base: null, head: tip }, MOST_COMPARED)) ?? [])];
}

/**
 * Which of some commits (newest first) have the work of others: by trailers whose content agrees, or by a change that is the
 * same byte for byte. Never by likeness.
 */
export async function remapped(
  ledger: Ledger,
  scratch: Scratch,
  commits: readonly string[],
  { records }: Candidates,
  missing: readonly string[],
): Promise<Member[]> {
  const gone = new Set(missing);
  const wanted = new Map<string, StoredRecord<ExecutionRecord>>(
    records.filter(({ commit }) => gone.has(commit)).map(({ stored }) => [stored.digest, stored]),
  );
  if (commits.length === 0 || wanted.size === 0) return [];
  const works = await worksOn(ledger, gone);
  const { found } = await planRelink(ledger, commits, undefined, works);
  const members: Member[] = [];
  for (const { commit, work, grade } of found) {
    const stored = wanted.get(work.digest);
    if (stored === undefined) continue;
    members.push({
      commit: commit.oid,
      stored,
      binding: grade,
      work: await workOf(ledger, scratch, { commit: work.from, stored }),
    });
  }
  return members;
}
