import { type Commit, readCommit } from '../../git/objects/objects.ts';
import { runGit } from '../../git/process/runner.ts';
import { readReflog } from '../../git/refs/reflog.ts';
import { listWorktrees } from '../../git/repository/worktrees.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { type Step, successorsOf } from './chain.ts';
import { NO_COMMIT, type Pair, type Pick } from './kept.ts';

/** Steps of HEAD's log that are looked at. */
const MAX_STEPS = 500;

/**
 * The commits that picks became, by HEAD's log: one on top of where HEAD stood, with the author and the author's date of the
 * commit it is made from. git takes both along, and a commit made by hand has a date of its own. Those of one second are
 * told from each other by the tree that was to be committed. In a rebase the tree tells by itself: what a person commits
 * there after a conflict is dated anew. `pairs` say what became of a commit afterwards.
 */
export async function stepsOfPicks(
  ledger: Ledger,
  picks: readonly Pick[],
  pairs: readonly Pair[],
): Promise<Map<Pick, Step[]>> {
  const tops = new Set((await listWorktrees(ledger.repo)).map(({ top }) => top));
  const successors = successorsOf(pairs.map((pair) => ({ ...pair, replaces: true })));
  const found = new Map<Pick, Step[]>();
  for (const top of new Set(picks.map((pick) => pick.top))) {
    // A folder that is no worktree of this repository is nobody's place to start git in.
    if (!tops.has(top)) continue;
    const logged = await loggedCommits(ledger, top);
    const isKept = (oid: string): Promise<boolean> =>
      isOnBranch(top, [oid, ...successors(oid).map((one) => one.oid)]);
    for (const pick of picks.filter((one) => one.top === top))
      found.set(pick, await stepsOf(ledger, pick, logged, isKept));
  }
  return found;
}

async function loggedCommits(ledger: Ledger, top: string): Promise<Commit[]> {
  const log = await readReflog({ cwd: top, foreign: true }, 'HEAD', MAX_STEPS);
  const commits = await Promise.all(
    [...new Set(log.map(({ oid }) => oid))].map((oid) => readCommit(ledger.reader, oid)),
  );
  return commits.filter((commit) => commit !== null);
}

async function stepsOf(
  ledger: Ledger,
  pick: Pick,
  logged: readonly Commit[],
  isKept: (oid: string) => Promise<boolean>,
): Promise<Step[]> {
  const made = await madeOf(ledger, pick, logged);
  const kept = await Promise.all(made.map(isKept));
  return made.filter((_, i) => kept[i]).map((to) => ({ from: pick.from, to, replaces: pick.replaces }));
}

async function madeOf(
  ledger: Ledger,
  { from, onto, isMade, replaces, tree }: Pick,
  logged: readonly Commit[],
): Promise<string[]> {
  if (isMade) return [onto];
  const source = await readCommit(ledger.reader, from);
  const made = logged.filter(
    (one) =>
      one.oid !== source?.oid &&
      (one.parents[0] ?? NO_COMMIT) === onto &&
      (one.author === source?.author || (replaces && tree !== null)) &&
      (tree === null || one.tree === tree),
  );
  return made.map(({ oid }) => oid);
}

/** What was made and given up again (an abort, a reset) is nobody's work any more. */
async function isOnBranch(top: string, oids: readonly string[]): Promise<boolean> {
  for (const oid of oids) {
    const args = ['rev-list', '--max-count=1', oid, '--not', '--branches', 'HEAD', '--'];
    const { code, stdout } = await runGit({ cwd: top, foreign: true }, { args, okCodes: [128] });
    if (code === 0 && stdout.length === 0) return true;
  }
  return false;
}
