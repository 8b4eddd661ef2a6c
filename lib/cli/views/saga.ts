import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import { shortOid } from '../../core/oid.ts';
import type { SagaRecord } from '../../core/records/record.ts';
import type { SagaPlan, SagaPlanPart } from '../../revert/saga/plan.ts';
import type { Paint } from '../terminal/io.ts';
import { count, oneLine } from './text.ts';

type SagaStep = SagaRecord['repositories'][number];

interface SagaView {
  readonly paint: Paint;
  readonly columns: number;
}

const VERDICTS: Readonly<Record<SagaPlan['verdict'], string>> = {
  clean: 'clean: it can be taken back in all of them',
  'already-reverted': 'already reverted in all of them: there is nothing to do',
  'needs-decision': 'needs a decision: nothing is changed in any of them before you take it',
  incomplete: 'incomplete: it can be planned in all of them, or is done in none',
};

/** A plan over several repositories: what goes in each, and why not where it can't. */
export function renderSagaPlan(plan: SagaPlan, { paint, columns }: SagaView): string {
  const colour =
    plan.verdict === 'clean' ? paint.good : plan.verdict === 'incomplete' ? paint.bad : paint.warn;
  const steps = plan.repositories.map((part, i) => partOf(part, i + 1, { paint, columns }));
  return `${[
    `${paint.strong(count(plan.txns.length, 'transaction'))} ${plan.txns.map((txn) => paint.name(txn)).join(' ')}`,
    `in ${count(plan.repositories.length, 'repository', 'repositories')}, in this order`,
    colour(VERDICTS[plan.verdict]),
    ...steps.flatMap((lines) => ['', ...lines]),
    ...(plan.verdict === 'needs-decision'
      ? ['', 'See each with `git -C <path> agent-revert --plan <txn>`, and its ways through.']
      : []),
  ].join('\n')}\n`;
}

function partOf({ name, branch, remote, problem, plan }: SagaPlanPart, at: number, view: SagaView): string[] {
  const { paint, columns } = view;
  const to = remote === null ? '' : `, pushed to ${remote}`;
  const where = branch === null ? '' : `(${branch}${to})`;
  const said = problem ?? (plan === null || isFine(plan) ? null : (plan.why[0] ?? plan.verdict));
  return [
    `${paint.strong(`${at}. ${name}`)} ${oneLine(where, columns - name.length - 5)}`,
    ...(said === null ? [] : [`   ${paint.warn(oneLine(said, columns - 3))}`]),
    ...(plan === null ? [] : goesIn(plan, view)),
  ];
}

const MOST_UNITS = 5;

function goesIn(plan: RevertPlan, { paint, columns }: SagaView): string[] {
  if (plan.verdict === 'already-reverted' || plan.verdict === 'noop')
    return [`   ${paint.faint('nothing is left to do')}`];
  const units = plan.units.slice(0, MOST_UNITS).map(({ commit, subject }) => {
    return `   ${paint.name(shortOid(commit))}  ${oneLine(subject, columns - 15)}`;
  });
  const more = plan.units.length - units.length;
  const blockers = plan.blockers.map(({ commit, subject }) => {
    return `   ${paint.warn('in the way')} ${shortOid(commit)}  ${oneLine(subject, columns - 26)}`;
  });
  return [
    ...units,
    ...(more > 0 ? [`   and ${more} more`] : []),
    ...blockers,
    ...(plan.resultTree === null
      ? []
      : [`   ${count(plan.files.length, 'file')}; ${count(plan.kept, 'later commit')} left alone`]),
    ...plan.notUndone.map((what) => `   ${paint.warn('not undone')} ${oneLine(what, columns - 14)}`),
  ];
}

function isFine({ resultTree, verdict }: RevertPlan): boolean {
  return resultTree !== null || verdict === 'already-reverted' || verdict === 'noop';
}

const STATES: Readonly<Record<SagaRecord['state'], string>> = {
  open: 'Begun: nothing stands yet.',
  partial: 'Partial: some of it stands, and a step is open.',
  done: 'Done in all of them.',
  aborted: 'Nothing of it stands: what had been done was taken back.',
};

const STEPS: Readonly<Record<SagaStep['step'], string>> = {
  nothing: 'there was nothing to do',
  planned: 'not done',
  applied: 'done in this clone',
  published: 'published',
  compensated: 'taken back',
};

const PROBLEMS: Readonly<Record<NonNullable<SagaStep['problem']>, string>> = {
  rejected: 'the remote refused it',
  unreachable: 'the remote can not be asked',
  moved: 'the branch went on meanwhile: pull there first',
  worktree: 'uncommitted changes stand in the way',
  conflict: 'others have built on it',
};

/** How far a revert across repositories has come, and what can be done about it. */
export function renderSaga({ state, repositories }: SagaRecord, { paint, columns }: SagaView): string {
  const colour = state === 'done' ? paint.good : state === 'partial' ? paint.bad : paint.warn;
  const width = Math.max(...repositories.map(({ name }) => name.length));
  return `\n${[
    colour(STATES[state]),
    ...repositories.map(
      (step) => `  ${step.name.padEnd(width)}  ${oneLine(stepWords(step), columns - width - 4)}`,
    ),
    ...(state === 'partial' || state === 'open'
      ? ['Finish it with --repos FILE --continue, or take it back with --repos FILE --abort.']
      : []),
  ].join('\n')}\n`;
}

/** One repository's part, in words. */
export function stepWords({ step, commit, problem }: Pick<SagaStep, 'step' | 'commit' | 'problem'>): string {
  const what = commit === null || step === 'planned' ? '' : ` ${shortOid(commit)}`;
  return `${STEPS[step]}${what}${problem === null ? '' : `: ${PROBLEMS[problem]}`}`;
}
