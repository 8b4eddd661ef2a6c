import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { claimedTrailers } from '../../core/records/trailers.ts';
import { onNoBranch, unreachedFrom } from '../../git/history/reached.ts';
import { readCommit } from '../../git/objects/objects.ts';
import type { GitConfig } from '../../git/repository/config.ts';
import { remoteHeadBranch } from '../../git/repository/repository.ts';
import { landingsOf } from '../../ledger/binding/landings.ts';
import { listPending } from '../../ledger/binding/pending.ts';
import { type Ledger, readNote } from '../../ledger/ledger.ts';
import { withLock } from '../../ledger/notes/lock.ts';
import { type Place, placeOf } from '../place.ts';
import { defaultBranches } from './boundary.ts';
import { loadTxn, saveTxn, type TopicWork, type TxnState } from './transaction.ts';

/** A transaction nothing was added to for so long is not looked at in the background. */
const LOOKED_AT_MS = 14 * 24 * 60 * 60 * 1000;
const MAX_TXNS = 100;
const LOCK_PATIENCE_MS = 5000;

/** Where the branch is that work lands on: here, and as the remote was last seen. */
async function defaultTips(ledger: Ledger, remoteHead: string | null, config: GitConfig): Promise<string[]> {
  const refs = defaultBranches(remoteHead, config).flatMap((name) => [
    `refs/heads/${name}`,
    `refs/remotes/origin/${name}`,
  ]);
  const tips = await Promise.all(refs.map((ref) => readCommit(ledger.reader, ref)));
  return [...new Set(tips.flatMap((tip) => (tip === null ? [] : [tip.oid])))];
}

/**
 * A transaction a commit may go into, with the mark that its work has landed where it has. A commit waits for this: nothing is
 * asked unless the default branch moved since somebody looked, and then first about the newest commit alone.
 */
export async function loadLooked(
  ledger: Ledger,
  place: Place,
  txn: string,
  remoteHead: string | null,
  config: GitConfig,
): Promise<TxnState | null> {
  const state = await loadTxn(place, txn);
  if (state?.topic === undefined || state.topic.hasLanded) return state;
  const looked = await lookAtNewest(
    ledger,
    state,
    state.topic,
    await defaultTips(ledger, remoteHead, config),
  );
  if (looked !== state) await saveTxn(place, looked);
  return looked;
}

async function lookAtNewest(
  ledger: Ledger,
  state: TxnState,
  topic: TopicWork,
  tips: readonly string[],
): Promise<TxnState> {
  const newest = topic.commits.at(-1);
  if (newest === undefined || sameTips(topic, tips)) return state;
  const [first] = await whereWorkIs(ledger, [newest]);
  const landed = first !== undefined && (await isIn(ledger, first, tips));
  if (!landed) return { ...state, topic: { ...topic, lookedAt: tips } };
  return look(ledger, state, await withHead(ledger, state.txn, topic), tips);
}

/** The commit the next one stands on is the transaction's where it says so, even if what is kept was read before it was told of. */
async function withHead({ reader }: Ledger, txn: string, topic: TopicWork): Promise<TopicWork> {
  const head = await readCommit(reader, 'HEAD');
  if (head === null || topic.commits.includes(head.oid)) return topic;
  const isOfIt = claimedTrailers(head.message).txns.includes(txn);
  return isOfIt ? { ...topic, commits: [...topic.commits, head.oid] } : topic;
}

/** Marks every transaction whose work has landed, so that the session's next commit on its branch begins another. */
export async function endLanded(ledger: Ledger, config: GitConfig, now: number): Promise<void> {
  const place = placeOf(ledger.repo);
  const tips = await defaultTips(ledger, await remoteHeadBranch(ledger.repo), config);
  for (const txn of tips.length === 0 ? [] : await recentTxns(place, now)) {
    const state = await loadTxn(place, txn);
    if (state?.topic === undefined || state.topic.hasLanded || state.topic.commits.length === 0) continue;
    const { topic } = await look(ledger, state, state.topic, tips);
    await mark(ledger, place, txn, topic);
  }
}

/** Only the mark is written: somebody may have added a record meanwhile, bound or not, and then it is for the next look to say. */
function mark({ repo }: Ledger, place: Place, txn: string, topic: TopicWork | undefined): Promise<void> {
  return withLock(
    place.lock,
    LOCK_PATIENCE_MS,
    async () => {
      const now = await loadTxn(place, txn);
      if (topic === undefined || now?.topic === undefined) return;
      if ((await listPending(repo)).some(({ record }) => record.txn === txn)) return;
      if (now.topic.commits.join() === topic.commits.join()) await saveTxn(place, { ...now, topic });
    },
    () => Promise.resolve(),
  );
}

async function look(
  ledger: Ledger,
  state: TxnState,
  topic: TopicWork,
  tips: readonly string[],
): Promise<TxnState> {
  const work = await whereWorkIs(ledger, topic.commits);
  const unreached = await unreachedFrom(ledger.repo, work.flat(), tips);
  const open = work.filter((places) => places.every((commit) => unreached.has(commit)));
  // What no branch has any more was thrown away, and keeps nothing open.
  const dropped = open.length === 0 ? new Set<string>() : await onNoBranch(ledger.repo, open.flat());
  const isOpen = open.some((places) => places.some((commit) => !dropped.has(commit)));
  const hasLanded = open.length < work.length && !isOpen;
  return { ...state, topic: { ...topic, lookedAt: tips, hasLanded } };
}

async function isIn(ledger: Ledger, places: readonly string[], tips: readonly string[]): Promise<boolean> {
  return tips.length > 0 && (await unreachedFrom(ledger.repo, places, tips)).size < places.length;
}

/** For each commit of a transaction, the commits its work is in: itself and those it landed in. Those git has no more are left out. */
async function whereWorkIs(ledger: Ledger, commits: readonly string[]): Promise<string[][]> {
  const work = await Promise.all(
    commits.map(async (commit) => {
      const landings = landingsOf(await readNote(ledger, commit)).filter(({ from }) => from === commit);
      const places = [...new Set([commit, ...landings.map((landing) => landing.commit)])];
      const found = await Promise.all(places.map((oid) => readCommit(ledger.reader, oid)));
      return places.filter((_, i) => found[i] !== null);
    }),
  );
  return work.filter((places) => places.length > 0);
}

function sameTips({ lookedAt }: TopicWork, tips: readonly string[]): boolean {
  return lookedAt.length === tips.length && tips.every((tip) => lookedAt.includes(tip));
}

/** Ids of the transactions written to lately, newest first. */
async function recentTxns(place: Place, now: number): Promise<string[]> {
  const names = (await readdir(place.txns).catch(() => [])).filter((name) => name.endsWith('.json'));
  const times = await Promise.all(names.map((name) => writtenAt(join(place.txns, name))));
  return names
    .map((name, i) => ({ txn: name.slice(0, -'.json'.length), at: times[i] ?? 0 }))
    .filter(({ at }) => at >= now - LOOKED_AT_MS)
    .sort((a, b) => b.at - a.at)
    .slice(0, MAX_TXNS)
    .map(({ txn }) => txn);
}

async function writtenAt(path: string): Promise<number> {
  const info = await stat(path).catch(() => null);
  return info?.mtimeMs ?? 0;
}
