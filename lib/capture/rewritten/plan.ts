import type { LandingRecord } from '../../core/record.ts';
import { claimedTrailers } from '../../core/trailers.ts';
import { type Commit, readCommit } from '../../git/objects.ts';
import { runGit } from '../../git/runner.ts';
import { fitOf, shapeOf } from '../../ledger/grade.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { type Step, successorsOf } from './chain.ts';
import { type Holding, holdingsAt, PICKED } from './holdings.ts';

/** A record, and a commit that git says took its work over. */
export interface Rewriting {
  readonly holding: Holding;
  readonly commit: Commit;
  readonly grade: LandingRecord['grade'];
  readonly proof: LandingRecord['proof'];
  readonly sealed: boolean;
  readonly via: string;
}

interface Move {
  readonly holding: Holding;
  /** The commit that git said became the other. */
  readonly old: string;
  readonly to: string;
  readonly replaces: boolean;
}

/** What is to be written about rewritten commits: which records are where now, and how firmly. */
export async function planRewritten(ledger: Ledger, steps: readonly Step[]): Promise<Rewriting[]> {
  const moves = await movesOf(ledger, steps);
  const kept = await withoutAncestors(ledger, moves);
  const planned = await inTurn(kept, (move) => rewritingOf(ledger, move));
  return planned.filter((one) => one !== null);
}

async function movesOf(ledger: Ledger, steps: readonly Step[]): Promise<Move[]> {
  const successors = successorsOf(steps);
  const olds = [...new Set(steps.map(({ from }) => from))];
  const moves = new Map<string, Move>();
  for (const old of olds) {
    const holdings = await holdingsAt(ledger, old);
    if (holdings.length === 0) continue;
    for (const { oid: to, replaces } of successors(old))
      for (const holding of holdings) {
        const key = `${holding.stored.digest} ${to}`;
        if (to !== holding.from && !moves.has(key))
          moves.set(key, { holding, old, to, replaces: replaces && holding.replaces });
      }
  }
  return [...moves.values()];
}

/**
 * A rebase that stops says of the commit it stopped at that it became whatever HEAD was when it went on, also where
 * somebody only put another commit on top. So what has the old commit among its ancestors is not made from it.
 */
async function withoutAncestors(ledger: Ledger, moves: readonly Move[]): Promise<Move[]> {
  if (moves.length === 0) return [];
  const olds = new Set(moves.map(({ old }) => old));
  const news = new Set(moves.map(({ to }) => to));
  const revisions = [...[...news].map((oid) => oid), ...[...olds].map((oid) => `^${oid}^@`)];
  const stdin = revisions.map((revision) => `${revision}\n`).join('');
  const args = ['rev-list', '--stdin', '--ignore-missing'];
  const { code, stdout } = await runGit(ledger.repo, { args, stdin, okCodes: [128] });
  const reached = new Set(code === 0 ? stdout.toString('utf8').split('\n') : olds);
  const verdicts = await inTurn(moves, async (move) =>
    reached.has(move.old) ? !(await isAncestor(ledger, move.old, move.to)) : true,
  );
  return moves.filter((_, i) => verdicts[i]);
}

async function isAncestor(ledger: Ledger, old: string, of: string): Promise<boolean> {
  const args = ['merge-base', '--is-ancestor', old, of];
  return (await runGit(ledger.repo, { args, okCodes: [1, 128] })).code === 0;
}

async function rewritingOf(ledger: Ledger, move: Move): Promise<Rewriting | null> {
  const { holding, to, replaces } = move;
  const commit = await readCommit(ledger.reader, to);
  if (commit === null) return null;
  const { digest, record } = holding.stored;
  const sealed = claimedTrailers(commit.message).records.includes(digest);
  if (!sealed && (await isNamedBelow(ledger, commit, digest))) return null;
  const work = { record, bindings: holding.bindings };
  const grade = await fitOf(ledger, work, await shapeOf(ledger, commit), true);
  if (grade === null) return null;
  const proof = grade === 'modified' ? 'rewrite' : sealed ? 'trailer' : 'patch-id';
  return { holding, commit, grade, proof, sealed, via: replaces ? 'post-rewrite' : PICKED };
}

/** Commits below a new one that are looked at: as many as anybody puts on top while a rebase stands still. */
const LOOKED_BELOW = 20;

/** Whether a commit just below names the record, and so is what the old one became. */
async function isNamedBelow(ledger: Ledger, { parents }: Commit, digest: string): Promise<boolean> {
  let below = parents[0];
  for (let i = 0; i < LOOKED_BELOW && below !== undefined; i++) {
    const commit = await readCommit(ledger.reader, below);
    if (commit === null) return false;
    if (claimedTrailers(commit.message).records.includes(digest)) return true;
    below = commit.parents[0];
  }
  return false;
}

/** One after the other: each starts git processes, and there may be thousands. */
async function inTurn<T, U>(items: readonly T[], work: (item: T) => Promise<U>): Promise<U[]> {
  const results: U[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
