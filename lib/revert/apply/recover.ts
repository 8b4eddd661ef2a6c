import { AgentLogError } from '../../core/errors.ts';
import { runGit } from '../../git/process/runner.ts';
import { isAncestor } from '../../git/refs/refs.ts';
import { finishSwitch } from '../../git/repository/finish-switch.ts';
import { removeWorktree } from '../../git/repository/linked-worktree.ts';
import type { Repository } from '../../git/repository/repository.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Applier } from './applier.ts';
import { headOf, makeBranch, moveHead } from './move.ts';
import { tellLedger } from './record.ts';
import { clearState, type Landing, type RevertState, readState, whileAlone } from './state.ts';
import { takeAway } from './take-away.ts';

/** What became of a revert that was cut off while it happened. */
export interface Recovered {
  /** `done`: it has happened. `undone`: it has not. `left`: HEAD went elsewhere since, and nothing was touched. */
  readonly result: 'done' | 'undone' | 'left';
  readonly txns: readonly string[];
  /** The branch it was for, as a ref; null for the one HEAD is on. */
  readonly branch: string | null;
  /** The commit that stands; null where there is none. */
  readonly commit: string | null;
  /** Files somebody has changed since, in its way: they were left as they are. */
  readonly theirs: readonly string[];
  /** The worktree of a resolution that stays, because there is something in it that is in no commit. */
  readonly stays: string | null;
}

/**
 * Takes back what a kill cut off, before another revert begins; null when nothing was. Throws IN_PROGRESS when one waits for a
 * person.
 */
export async function recoverFirst(
  ledger: Ledger,
  who: Pick<Applier, 'env' | 'config' | 'now'>,
): Promise<Recovered | null> {
  if ((await readState(ledger.repo)) === null) return null;
  return whileAlone(ledger.repo, async () => {
    const state = await readState(ledger.repo);
    if (state === null) return null;
    if (state.phase === 'stopped' || state.worktree !== null) throw inProgress(state);
    return recover(ledger, state, 'back', who);
  });
}

/** What is under way, for whoever wants to begin another. */
export function inProgress(state: RevertState): AgentLogError {
  const where = state.worktree === null ? '' : ` in ${state.worktree}`;
  return new AgentLogError('IN_PROGRESS', 'answer', `a revert is under way${where}`, {
    hints: ['Finish it with git agent-revert --continue, or give it up with --abort.'],
  });
}

/**
 * Ends what a kill cut off: a revert whose branch has moved is told to the ledger; one whose branch has not is finished (`on`), or
 * taken back as if it had never begun (`back`). Cut off itself, it can be run again.
 */
export async function recover(
  ledger: Ledger,
  landing: Landing,
  way: 'on' | 'back',
  who: Pick<Applier, 'env' | 'config' | 'now'>,
): Promise<Recovered> {
  const { repo } = ledger;
  const { record, commit } = landing;
  const about = { txns: record?.txns ?? [], branch: landing.branch };
  const ended = { ...about, ...(await end(repo, landing, way)) };
  if (ended.result === 'done' && record !== null) await tellLedger(ledger, record, who);
  // Somebody has to say what is to become of it.
  if (ended.result === 'left' && way === 'on') return { ...ended, commit: null, stays: null };
  const stays = await takeResolution(repo, landing, ended.result);
  await clearState(repo);
  return { ...ended, commit: ended.result === 'done' ? commit : null, stays };
}

async function takeResolution(
  repo: Repository,
  landing: Landing,
  result: Recovered['result'],
): Promise<string | null> {
  const { worktree } = landing;
  if (worktree === null || result === 'done') return takeAway(repo, landing);
  await removeWorktree(repo, worktree, true);
  return null;
}

async function end(
  repo: Repository,
  { commit, branch, head, change, record }: Landing,
  way: 'on' | 'back',
): Promise<Pick<Recovered, 'result' | 'theirs'>> {
  const result = way === 'on' ? 'done' : 'undone';
  if (await hasHappened(repo, commit, branch ?? 'HEAD')) return { result: 'done', theirs: [] };
  if (branch !== null && commit !== null) {
    if (way === 'on') await makeBranch(repo, branch, commit);
    return { result, theirs: [] };
  }
  if ((await headOf(repo)) !== head) return { result: 'left', theirs: [] };
  const theirs = await finishSwitch(repo, change, way === 'on' ? 'to' : 'from');
  if (way === 'on' && commit !== null)
    await moveHead(repo, {
      change: { from: change.to, to: change.to },
      from: head,
      to: commit,
      why: `agent-revert: ${record?.txns.join(' ') ?? ''}`,
    });
  return { result, theirs };
}

/** HEAD moves last: where it leads to the commit, all the rest is done. */
async function hasHappened(repo: Repository, commit: string | null, ref: string): Promise<boolean> {
  if (commit === null) return false;
  const args = ['rev-parse', '-q', '--verify', `${ref}^{commit}`];
  const { code, stdout } = await runGit(repo, { args, okCodes: [1, 128] });
  return code === 0 && isAncestor(repo, commit, stdout.toString('utf8').trim());
}
