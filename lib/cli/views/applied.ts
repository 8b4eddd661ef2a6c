import { escapeTerminal } from '../../core/escape.ts';
import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import { shortOid } from '../../core/oid.ts';
import type { Recovered } from '../../revert/apply/recover.ts';
import type { NextStep } from '../../revert/telling/publish.ts';
import type { Paint } from '../terminal/io.ts';
import { shellWord } from './text.ts';

export interface AppliedView extends Pick<RevertPlan, 'action'> {
  /** In the order they were made; none when the result was only staged. */
  readonly commits: readonly string[];
  /** Set where they are on a branch of their own. */
  readonly next: NextStep | null;
  /** The branch it changes nothing in, because the work has never come there. */
  readonly emptyIn: string | null;
}

/** What was done with a plan, and what to do next. */
export function renderApplied({ action, commits, next, emptyIn }: AppliedView, paint: Paint): string {
  const names = commits.map((commit) => paint.name(shortOid(commit)));
  if (names.length === 0) return `\n${paint.good('Staged.')} Look at it, and commit it with git.\n`;
  const takes = action === 'reland' ? 'brings' : names.length === 1 ? 'takes' : 'take';
  const where = next === null ? '' : ` on branch ${paint.name(escapeTerminal(next.branch))}`;
  return [
    '',
    `${paint.good('Done:')} ${names.join(' ')}${where} ${takes} it back.`,
    `(Of your hooks, commit-msg is asked and pre-commit is not.)`,
    ...emptyLines(emptyIn),
    ...nextLines(next),
    '',
  ].join('\n');
}

/** Said before anything is published: a merge request of it would be empty. */
function emptyLines(target: string | null): string[] {
  if (target === null) return [];
  return [
    `warning: this branch now changes nothing against ${escapeTerminal(target)}: the work`,
    'never came there, and would arrive together with its revert.',
    'hint: drop both commits from the branch instead (git rebase -i).',
  ];
}

/** The way to a merge request. */
export function nextLines(next: NextStep | null): string[] {
  if (next === null) return [];
  const branch = shellWord(next.branch);
  const stays = 'Your own branch and worktree are as they were.';
  if (next.remote === null) return [stays, `hint: look at it: git switch ${branch}`];
  const target = next.target === null ? '' : ` into ${escapeTerminal(next.target)}`;
  return [
    stays,
    `hint: nothing is pushed yet. git push -u ${shellWord(next.remote)} ${branch}`,
    `hint: then open a merge request${target}`,
  ];
}

/** What became of a revert that was cut off before. */
export function renderRecovered({ result, commit, theirs }: Recovered, paint: Paint): string {
  const what = {
    done: `An earlier revert was done, but for its record: ${paint.name(shortOid(commit ?? ''))} takes it back.`,
    undone: 'An earlier revert was cut off half way: what it had begun is taken back.',
    left: 'An earlier revert was cut off, and HEAD went elsewhere since: nothing was touched.',
  }[result];
  return [what, ...theirs.map(leftAlone), ''].join('\n');
}

export function leftAlone(path: string): string {
  return `warning: ${escapeTerminal(path)} was changed since, and left as it is`;
}
