import { withoutCredentials } from '../../core/address.ts';
import { shortOid } from '../../core/oid.ts';
import type { SagaRecord } from '../../core/records/record.ts';
import { stateOf } from '../../core/records/saga.ts';
import { pushBranch } from '../../git/refs/remote.ts';
import { moveBranch, obstacleOf } from './branch.ts';
import type { Intent, SagaStep } from './intent.ts';
import { lookHere, lookThere } from './look.ts';
import type { SagaPlace } from './place.ts';
import { finish, placeOf, type SagaRun, save, sendLedgers, tell, tellOfRevert, withStep } from './run.ts';
import { takeBack } from './take-back.ts';

/**
 * Takes the steps that are open, in order, and stops at the first that can't be taken. While nothing has left this machine all is then
 * taken back; else it stays partial, for somebody to go on or take back. How far it has come is asked of the
 * branches, so it may be called again wherever it was broken off.
 */
export async function publish(run: SagaRun, begun: Intent): Promise<SagaRecord> {
  await tell(run, begun);
  let intent = begun;
  for (const { name } of begun.record.repositories) {
    const step = stepOf(intent, name);
    if (step.commit === null) continue;
    const taken = await takeStep(run, intent, step, step.commit);
    intent = withStep(intent, taken);
    if (taken.problem !== null) break;
  }
  const { repositories } = intent.record;
  if (stateOf(repositories, 'forward') === 'done') return finish(run, intent);
  if (!repositories.some(({ step }) => step === 'published')) return takeBack(run, intent);
  intent = await save(run, intent);
  const told = await tell(run, intent);
  await sendLedgers(run, told);
  return told;
}

function stepOf({ record }: Intent, name: string): SagaStep {
  const step = record.repositories.find((one) => one.name === name);
  if (step === undefined) throw new RangeError(`no step is called ${name}`);
  return step;
}

async function takeStep(run: SagaRun, intent: Intent, step: SagaStep, commit: string): Promise<SagaStep> {
  const place = placeOf(run, step);
  if (step.remote === null) return applyHere(place, intent, step, commit);
  const problem = await push(run, place, intent, commit, step.head);
  if (problem !== null) return { ...step, problem };
  await tellOfRevert(run, intent, { ...step, step: 'published' });
  // The remote has it: that this clone's own branch lags behind is put right by a pull.
  const applied = await applyHere(place, intent, step, commit);
  if (applied.problem !== null)
    run.say(`${step.name}: it is published, and ${step.branch} of this clone was left where it is: git pull`);
  return { ...step, step: 'published', problem: null };
}

async function push(
  run: SagaRun,
  place: SagaPlace,
  { record: { saga } }: Intent,
  commit: string,
  head: string,
): Promise<SagaStep['problem']> {
  const before = await lookThere(place, saga, commit);
  if (before === null) return 'unreachable';
  if (before.has) return null;
  if (before.tip !== head) return 'moved';
  const { moved, said } = await pushBranch(place.ledger.repo, place.remote ?? '', commit, place.branch);
  if (moved) return null;
  run.say(
    `${place.name}: ${place.remote ?? ''} did not take ${shortOid(commit)}: ${withoutCredentials(said)}`,
  );
  // What the remote is at decides, not what was said: it may have arrived after all.
  const after = await lookThere(place, saga, commit);
  if (after === null) return 'unreachable';
  if (after.has) return null;
  return after.tip === head ? 'rejected' : 'moved';
}

async function applyHere(
  place: SagaPlace,
  { record }: Intent,
  step: SagaStep,
  commit: string,
): Promise<SagaStep> {
  const here = await lookHere(place, commit);
  if (here.has) return { ...step, step: 'applied', problem: null };
  if (here.tip !== step.head) return { ...step, problem: 'moved' };
  try {
    await moveBranch(place, step.head, commit, `agent-revert: ${record.txns.join(' ')}`);
    return { ...step, step: 'applied', problem: null };
  } catch (error) {
    return { ...step, problem: obstacleOf(error) };
  }
}
