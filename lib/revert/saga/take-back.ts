import { withoutCredentials } from '../../core/address.ts';
import type { SagaRecord } from '../../core/records/record.ts';
import { stateOf } from '../../core/records/saga.ts';
import { mergeTrees } from '../../git/merges/merge-trees.ts';
import { readCommit } from '../../git/objects/objects.ts';
import { isAncestor } from '../../git/refs/refs.ts';
import { pushBranch } from '../../git/refs/remote.ts';
import { moveBranch, obstacleOf, putBackFiles } from './branch.ts';
import type { Intent, SagaStep } from './intent.ts';
import { lookHere, lookThere } from './look.ts';
import type { SagaPlace } from './place.ts';
import { commitOn } from './prepare.ts';
import { finish, placeOf, type SagaRun, save, sendLedgers, tell, withStep } from './run.ts';

/**
 * Takes every step back that was taken, the last first: a branch of this clone by compare-and-swap where nobody built on it, else
 * by a commit that brings back what the revert took. What can't be taken back does not keep the others from it. May be called again
 * wherever it was broken off.
 */
export async function takeBack(run: SagaRun, begun: Intent): Promise<SagaRecord> {
  let intent = await save(run, { ...begun, direction: 'back' });
  for (const step of [...intent.record.repositories].reverse()) {
    if (step.commit === null) continue;
    const back =
      step.remote === null
        ? await takeBackHere(run, intent, step, step.commit)
        : await takeBackThere(run, intent, step, step.commit);
    intent = withStep(intent, back);
  }
  if (stateOf(intent.record.repositories, 'back') === 'aborted') return finish(run, intent);
  intent = await save(run, intent);
  const told = await tell(run, intent);
  await sendLedgers(run, told);
  return told;
}

/** Where only this clone has it. */
async function takeBackHere(run: SagaRun, intent: Intent, step: SagaStep, commit: string): Promise<SagaStep> {
  const place = placeOf(run, step);
  const back = { ...step, step: 'compensated', problem: null } as const;
  const { tip, has } = await lookHere(place, commit);
  try {
    if (tip === commit) {
      await moveBranch(place, commit, step.head, 'agent-revert: taken back');
      return back;
    }
    if (!has || tip === null) {
      await putBackFiles(place, step.head, commit);
      return { ...step, step: 'planned', problem: null };
    }
    if (step.compensation !== null && (await lookHere(place, step.compensation)).has) return back;
    const compensation = await compensationOn(place, intent, step, tip);
    if (compensation === null) return { ...step, step: 'applied', problem: 'conflict' };
    await save(run, withStep(intent, { ...step, compensation }));
    await moveBranch(place, tip, compensation, 'agent-revert: taken back');
    return { ...back, compensation };
  } catch (error) {
    return { ...step, step: has ? 'applied' : 'planned', problem: obstacleOf(error) };
  }
}

/** Where a remote may have it. */
async function takeBackThere(
  run: SagaRun,
  intent: Intent,
  step: SagaStep,
  commit: string,
): Promise<SagaStep> {
  const place = placeOf(run, step);
  const { saga } = intent.record;
  const there = await lookThere(place, saga, commit);
  if (there === null) return { ...step, problem: 'unreachable' };
  if (!there.has || there.tip === null) return takeBackHere(run, intent, step, commit);
  const known = step.compensation;
  if (known !== null && (await lookThere(place, saga, known))?.has === true)
    return follow(run, place, { ...step, step: 'compensated', problem: null });
  const compensation = await compensationOn(place, intent, step, there.tip);
  if (compensation === null) return { ...step, step: 'published', problem: 'conflict' };
  const next: SagaStep = { ...step, step: 'published', problem: null, compensation };
  await save(run, withStep(intent, next));
  const { moved, said } = await pushBranch(place.ledger.repo, place.remote ?? '', compensation, place.branch);
  if (!moved) run.say(`${place.name}: ${place.remote ?? ''}: ${withoutCredentials(said)}`);
  const after = await lookThere(place, saga, compensation);
  if (after?.has === true) return follow(run, place, { ...next, step: 'compensated' });
  if (after === null) return { ...next, problem: 'unreachable' };
  return { ...next, problem: after.tip === there.tip ? 'rejected' : 'moved' };
}

/** This clone's own branch goes along where it can: what counts is the remote's. */
async function follow(run: SagaRun, place: SagaPlace, step: SagaStep): Promise<SagaStep> {
  const { compensation } = step;
  if (compensation === null) return step;
  const { tip, has } = await lookHere(place, compensation);
  if (tip !== null && !has && (await isAncestor(place.ledger.repo, tip, compensation))) {
    try {
      await moveBranch(place, tip, compensation, 'agent-revert: taken back');
    } catch (error) {
      obstacleOf(error);
      run.say(`${step.name}: ${step.branch} of this clone was left where it is: git pull`);
    }
  }
  return step;
}

/** A commit that brings back, on a branch as it is now, what the revert took; null where others built on that. */
async function compensationOn(
  place: SagaPlace,
  { record: { saga, txns } }: Intent,
  { commit, head }: SagaStep,
  tip: string,
): Promise<string | null> {
  const { reader } = place.ledger;
  const [ours, base, theirs] = await Promise.all(
    [tip, commit ?? '', head].map((oid) => readCommit(reader, oid)),
  );
  if (ours == null || base == null || theirs == null) return null;
  const trees = { ours: ours.tree, base: base.tree, theirs: theirs.tree };
  const merged = await mergeTrees(place.scratch, trees);
  if (merged.conflicts.length > 0) return null;
  const name = txns.length === 1 ? `txn ${txns[0] ?? ''}` : `${txns.length} txns`;
  const message = [
    `Reland agent ${name}: its revert is taken back`,
    'It could not be reverted in every repository it is in.',
    `This reverts commit ${commit ?? ''}.`,
    [...txns.map((txn) => `Relands-Txn: ${txn}`), `Revert-Saga: ${saga}`].join('\n'),
  ].join('\n\n');
  return commitOn(place, tip, merged.tree, { message: `${message}\n`, asks: false });
}
