import { AgentLogError } from '../../core/errors.ts';
import type { RevertRecord, SagaRecord } from '../../core/records/record.ts';
import { newUlid } from '../../core/ulid.ts';
import { committer } from '../../identity/committer.ts';
import { withLock } from '../../ledger/notes/lock.ts';
import { type Intent, intentLock, readIntent, type SagaStep } from './intent.ts';
import { lookHere, lookThere } from './look.ts';
import type { SagaPlace } from './place.ts';
import { planIn, type SagaPlan, unpublishable } from './plan.ts';
import { prepareStep } from './prepare.ts';
import { publish } from './publish.ts';
import { placeOf, type SagaRun, save, withStep } from './run.ts';
import { takeBack } from './take-back.ts';

/**
 * Does what a plan over several repositories says: every commit is made first, then each branch is moved and pushed in
 * order. Throws NOT_CLEAN where the plan does not settle it, SAGA_OPEN where one is unfinished in any of them; before the
 * first branch moves nothing was changed.
 */
export function applySaga(run: SagaRun, plan: SagaPlan): Promise<SagaRecord> {
  if (plan.verdict !== 'clean')
    throw new AgentLogError('NOT_CLEAN', 'answer', `the plan is not clean: ${plan.verdict}`, {
      hints: [...plan.why],
    });
  return alone([...run.places.values()], async () => {
    for (const { ledger, name } of run.places.values())
      if ((await readIntent(ledger.repo)) !== null) throw unfinished(name);
    const now = run.actor.clock();
    const saga = newUlid(now);
    const steps: SagaStep[] = [];
    const reverts: RevertRecord[] = [];
    for (const part of plan.repositories) {
      const place = run.places.get(part.name);
      if (place === undefined || part.plan === null) continue;
      const { step, revert } = await prepareStep(place, part.plan, saga, run.actor);
      steps.push(step);
      if (revert !== null) reverts.push(revert);
    }
    const record: SagaRecord = {
      schema: 'agent-log/saga/v1',
      id: newUlid(now),
      saga,
      txns: [...plan.txns],
      state: 'open',
      plan: plan.digest,
      repositories: steps,
      reason: run.actor.reason,
      by: committer(run.actor.env, [...run.places.values()][0]?.config ?? new Map()),
      recordedAt: new Date(now).toISOString(),
    };
    return publish(run, await save(run, { revision: 0, direction: 'forward', record, reverts }));
  });
}

/** Goes on with what was begun, in the direction it was going; a branch that moved meanwhile is planned again. */
export function continueSaga(run: SagaRun, begun: Intent): Promise<SagaRecord> {
  return alone([...run.places.values()], async () =>
    begun.direction === 'back' ? takeBack(run, begun) : publish(run, await renew(run, begun)),
  );
}

/** Takes back what was begun, wherever it stands. */
export function abortSaga(run: SagaRun, begun: Intent): Promise<SagaRecord> {
  return alone([...run.places.values()], () => takeBack(run, begun));
}

/**
 * The unfinished revert some repositories have a part in: the newest copy of it. Throws NO_SAGA when there is none,
 * AMBIGUOUS when they have a part in several.
 */
export async function unfinishedSaga(repos: readonly SagaPlace['ledger']['repo'][]): Promise<Intent> {
  const found = (await Promise.all(repos.map(readIntent))).filter((intent) => intent !== null);
  const sagas = new Set(found.map(({ record }) => record.saga));
  if (sagas.size > 1)
    throw new AgentLogError(
      'AMBIGUOUS',
      'answer',
      `${sagas.size} reverts are unfinished in these repositories`,
      {
        hints: ['Use the list each of them was begun with.'],
      },
    );
  const [newest] = found.sort((a, b) => b.revision - a.revision);
  if (newest !== undefined) return newest;
  throw new AgentLogError('NO_SAGA', 'answer', 'no revert across these repositories is unfinished', {
    hints: ['`git agent-revert --repos FILE <txn>` begins one.'],
  });
}

/** Steps whose branch went on before they were taken are worked out anew, on what it is now. */
async function renew(run: SagaRun, begun: Intent): Promise<Intent> {
  let intent = begun;
  for (const step of begun.record.repositories) {
    if (step.commit === null || !(await isPassed(run, intent, step, step.commit))) continue;
    const place = placeOf(run, step);
    const plan = await planIn(place, intent.record.txns);
    const settled =
      plan.resultTree !== null || plan.verdict === 'already-reverted' || plan.verdict === 'noop';
    const problem =
      step.remote === null || plan.resultTree === null ? null : await unpublishable(place, plan);
    if (!settled || problem !== null) {
      run.say(`${step.name}: ${problem ?? plan.why[0] ?? plan.verdict}`);
      continue;
    }
    const made = await prepareStep(place, plan, intent.record.saga, run.actor);
    const reverts = [...intent.reverts, ...(made.revert === null ? [] : [made.revert])];
    intent = await save(run, withStep({ ...intent, reverts }, made.step));
  }
  return intent;
}

/** Whether a step was not taken, and can't be taken any more as it was planned. */
async function isPassed(run: SagaRun, { record }: Intent, step: SagaStep, commit: string): Promise<boolean> {
  const place = placeOf(run, step);
  const there = step.remote === null ? null : await lookThere(place, record.saga, commit);
  if (there?.has === true || (step.remote !== null && there === null)) return false;
  const here = await lookHere(place, commit);
  return there === null ? !here.has && here.tip !== step.head : there.tip !== step.head;
}

/** One process at a time, in every repository. Throws LOCKED. */
function alone<T>(places: readonly SagaPlace[], work: () => Promise<T>): Promise<T> {
  const locks = places.map(({ ledger }) => intentLock(ledger.repo)).sort();
  return locks.reduceRight<() => Promise<T>>(
    (inner, lock) => () =>
      withLock(lock, PATIENCE_MS, inner, () => {
        throw new AgentLogError('LOCKED', 'system', `another process holds ${lock}`, {
          hints: ['It reverts across one of these repositories: wait for it to end.'],
        });
      }),
    work,
  )();
}

const PATIENCE_MS = 3000;

function unfinished(name: string): AgentLogError {
  return new AgentLogError('SAGA_OPEN', 'answer', `a revert across repositories is unfinished in ${name}`, {
    hints: ['Finish it with --repos FILE --continue, or take it back with --repos FILE --abort.'],
  });
}
