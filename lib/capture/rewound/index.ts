import { listCommits } from '../../git/history/commit-list.ts';
import { committerLine } from '../../identity/committer.ts';
import { type Ledger, ledgerTip, readNote } from '../../ledger/ledger.ts';
import { withLock } from '../../ledger/notes/lock.ts';
import { worksOn } from '../../ledger/relink/works.ts';
import type { BindOptions } from '../commit/bind.ts';
import { placeOf } from '../place.ts';
import { relink } from '../relink.ts';
import { loadTips, readTips, saveTips, type Tips } from './tips.ts';

const LOCK_PATIENCE_MS = 5000;
/** Commits that came, or that were left, which are looked at: with more of them `relink` is for a person to run. */
const MOST = 500;

/**
 * Lands what was rewritten where no hook told of it: commits taken off a branch (reset and commit again, commit-tree and
 * update-ref, filter-branch, hooks switched off) and the commits that came after. Only their records are looked at, so it costs
 * next to nothing where branches just grew. Gives the commits whose note changed.
 */
export function landRewound(ledger: Ledger, options: BindOptions): Promise<string[]> {
  const place = placeOf(ledger.repo);
  return withLock(
    place.rewriting,
    LOCK_PATIENCE_MS,
    () => landAlone(ledger, options),
    () => Promise.resolve([]),
  );
}

async function landAlone(ledger: Ledger, options: BindOptions): Promise<string[]> {
  const place = placeOf(ledger.repo);
  const [known, tips, ledgerAt] = await Promise.all([
    loadTips(place),
    readTips(ledger.repo),
    ledgerTip(ledger),
  ]);
  if (known === null || ledgerAt === null) {
    await saveTips(place, { tips, left: known?.left ?? [] });
    return [];
  }
  if (isSame(known.tips, tips)) {
    await saveTips(place, known);
    return [];
  }
  const gone = await commitsBetween(ledger, known.tips, tips);
  const left = [...new Set([...(await recordedOf(ledger, gone)), ...known.left])];
  const came = left.length === 0 ? [] : await commitsBetween(ledger, tips, known.tips);
  const landed = came.length === 0 ? [] : await landIn(ledger, came, left, options);
  await saveTips(place, { tips, left });
  return landed;
}

/** What some tips reach and others don't, newest first. Empty when one of them is not here any more. */
async function commitsBetween({ repo }: Ledger, from: Tips, without: Tips): Promise<string[]> {
  const moved = [...from].filter(([ref, oid]) => without.get(ref) !== oid).map(([, oid]) => oid);
  if (moved.length === 0) return [];
  const revisions = [...moved, ...[...without.values()].map((oid) => `^${oid}`)];
  return (await listCommits(repo, { revisions, limit: MOST })) ?? [];
}

async function recordedOf(ledger: Ledger, commits: readonly string[]): Promise<string[]> {
  const notes = await Promise.all(commits.map((oid) => readNote(ledger, oid)));
  return commits.filter((_, i) => notes[i] !== null);
}

async function landIn(
  ledger: Ledger,
  came: readonly string[],
  left: readonly string[],
  { env, config, now, patience }: BindOptions,
): Promise<string[]> {
  const works = await worksOn(ledger, [...left, ...came]);
  const identity = committerLine(env, config, now);
  const { landings } = await relink(ledger, { commits: came, works, identity, now, patience });
  return [...new Set(landings.map(({ commit }) => commit))];
}

function isSame(a: Tips, b: Tips): boolean {
  return a.size === b.size && [...a].every(([ref, oid]) => b.get(ref) === oid);
}
