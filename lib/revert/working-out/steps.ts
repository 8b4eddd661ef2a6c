import { AgentLogError } from '../../core/errors.ts';
import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import type { Change, Merge } from './change.ts';
import type { History } from './closure.ts';
import { undo } from './undo.ts';

type Step = NonNullable<RevertPlan['steps']>[number];

/**
 * The way from the tip to a result by one commit for each that goes, newest first. What can't be undone by itself, or changes
 * nothing, goes with the one made before it. Throws NOT_CLEAN when commit by commit leads elsewhere.
 */
export async function stepsTo(
  merge: Merge,
  { head, changes }: Pick<History, 'head' | 'changes'>,
  going: ReadonlySet<string>,
  result: string,
): Promise<Step[]> {
  const steps: Step[] = [];
  let together: Change[] = [];
  let tree = head;
  for (const change of changes.filter(({ commit }) => going.has(commit)).reverse()) {
    together = [change, ...together];
    const next = (await undo(merge, tree, together)).tree;
    if (next === null || next === tree) continue;
    steps.push({ commits: commitsOf(together), tree: next });
    tree = next;
    together = [];
  }
  const last = steps.at(-1);
  if (last === undefined || tree !== result) throw notByCommit();
  // What is left over changes nothing.
  return [...steps.slice(0, -1), { ...last, commits: [...last.commits, ...commitsOf(together)] }];
}

/** Newest first. A change that is a part of a commit has its id with words after it. */
function commitsOf(changes: readonly Change[]): string[] {
  return changes.map(({ commit }) => commit.split(' ')[0] ?? '').reverse();
}

function notByCommit(): AgentLogError {
  return new AgentLogError('NOT_CLEAN', 'answer', 'the result can only be reached in one step', {
    hints: ['Leave --each out: commit by commit leads to other files, or into a conflict.'],
  });
}
