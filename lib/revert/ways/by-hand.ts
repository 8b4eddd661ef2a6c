import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import { runsOf } from '../working-out/change.ts';
import type { Situation } from '../working-out/situation.ts';
import type { Option } from './way.ts';

/** A person resolves it: always there, and never clean by itself. */
export const BY_HAND: Option = { flag: '--worktree', verdict: 'needs-decision', adds: [] };

/** What is undone for a person, newest first: neighbours in one go, as git's merge takes it. */
export function runsByHand({ history, going }: Situation): NonNullable<RevertPlan['runs']> {
  const changes = history.changes.filter(({ commit }) => going.has(commit));
  return runsOf(changes)
    .reverse()
    .map(({ changes: run, before, after }) => ({
      commits: run.map(({ commit }) => commit.split(' ')[0] ?? '').reverse(),
      before,
      after,
    }));
}
