import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { shortOid } from '../../core/oid.ts';
import type { LandingRecord } from '../../core/records/record.ts';
import { currentBranch } from '../../git/repository/repository.ts';
import { listWorktrees } from '../../git/repository/worktrees.ts';
import { committerLine } from '../../identity/committer.ts';
import { appendLandings } from '../../ledger/binding/landings.ts';
import { pendingNames } from '../../ledger/binding/pending.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { withLock } from '../../ledger/notes/lock.ts';
import type { BindOptions } from '../commit/bind.ts';
import { placeOf } from '../place.ts';
import type { Step } from './chain.ts';
import { asJoined } from './joined.ts';
import { hasKept, type Kept, type Pair, readKept, removeKept } from './kept.ts';
import { withoutSkipped } from './list.ts';
import { stepsOfPicks } from './picks.ts';
import { planRewritten } from './plan.ts';

const LOCK_PATIENCE_MS = 20_000;
/** A commit that was begun and did not come within this time was given up. */
const PICK_LASTS_MS = 60 * 60 * 1000;
/** What led nowhere is kept this long while something may still come that it leads from. */
const PAIRS_LAST_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * Writes into the ledger what git said of commits it rewrote or picked: for each record of an old commit a landing in every
 * commit that came of it. Call it after what waits was bound. Idempotent; gives the commits whose note changed.
 */
export async function takeInRewritten(ledger: Ledger, options: BindOptions): Promise<string[]> {
  const place = placeOf(ledger.repo);
  if (!(await hasKept(place))) return [];
  return withLock(
    place.rewriting,
    LOCK_PATIENCE_MS,
    () => takeInAlone(ledger, options),
    () => Promise.resolve([]),
  );
}

async function takeInAlone(ledger: Ledger, options: BindOptions): Promise<string[]> {
  const place = placeOf(ledger.repo);
  const kept = await readKept(place);
  const isBusy = await isRebasing(ledger);
  const picks = kept.flatMap((file) => file.picks).filter(({ replaces }) => !(replaces && isBusy));
  const pairs = await pairsIn(ledger, kept);
  const made = await stepsOfPicks(ledger, picks, pairs);
  const steps: Step[] = [...pairs.map((pair) => ({ ...pair, replaces: true })), ...[...made.values()].flat()];
  const branch = await currentBranch(ledger.repo);
  const plan = await planRewritten(ledger, steps, { branch, now: options.now });
  const changed = await writeLandings(ledger, plan, options);
  const waits = isBusy || (await pendingNames(ledger.repo)).length > 0;
  const isDone = ({ writtenAt, picks: begun }: Kept): boolean => {
    const age = options.now - writtenAt;
    const wasMade = begun.every((pick) => (made.get(pick) ?? []).length > 0);
    return begun.length > 0 ? (wasMade && !waits) || age > PICK_LASTS_MS : !waits || age > PAIRS_LAST_MS;
  };
  for (const file of kept.filter(isDone)) await removeKept(place, file);
  return changed;
}

/** What git said, without what it only seems to say of commits that were skipped. */
async function pairsIn(ledger: Ledger, kept: readonly Kept[]): Promise<Pair[]> {
  const all: Pair[] = [];
  for (const { pairs, list } of kept) all.push(...withoutSkipped(await asJoined(ledger, pairs, list), list));
  return all;
}

/** Whether a rebase goes on somewhere: then the pairs that lead to what is known are still to come. */
async function isRebasing({ repo }: Ledger): Promise<boolean> {
  const worktrees = await listWorktrees(repo);
  return [repo, ...worktrees].some(({ gitDir }) => existsSync(join(gitDir, 'rebase-merge')));
}

async function writeLandings(
  ledger: Ledger,
  landings: readonly LandingRecord[],
  { env, config, now, patience, via }: BindOptions,
): Promise<string[]> {
  if (landings.length === 0) return [];
  return appendLandings(ledger, landings, {
    identity: committerLine(env, config, now),
    message: ledgerMessage(landings, via),
    patience,
  });
}

function ledgerMessage(landings: readonly LandingRecord[], via: string): string {
  const [first] = landings;
  const subject =
    landings.length === 1 && first
      ? `agent-log: land ${first.txn} in ${shortOid(first.commit)}`
      : `agent-log: land ${landings.length} times`;
  const lines = landings.map(({ commit, record }) => `${commit} ${record}`);
  return `${subject}\n\n${lines.join('\n')}\n\nVia: ${via}\n`;
}
