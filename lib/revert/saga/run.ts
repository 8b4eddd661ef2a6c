import { AgentLogError, messageOf } from '../../core/errors.ts';
import type { SagaRecord } from '../../core/records/record.ts';
import { stateOf } from '../../core/records/saga.ts';
import { newUlid } from '../../core/ulid.ts';
import { committerLine } from '../../identity/committer.ts';
import { syncLedger } from '../../ledger/sync/sync.ts';
import { appendSaga } from '../../ledger/told/sagas.ts';
import { tellLedger } from '../apply/record.ts';
import { dropIntent, type Intent, type SagaStep, writeIntent } from './intent.ts';
import type { SagaPlace } from './place.ts';
import { applierOf, type SagaActor } from './prepare.ts';

/** What taking the steps of a revert across repositories works with. */
export interface SagaRun {
  readonly places: ReadonlyMap<string, SagaPlace>;
  readonly actor: SagaActor;
  /** Hears what somebody should know: text from outside, not made harmless. */
  readonly say: (text: string) => void;
}

/** The place of a step. Throws BAD_ARGUMENT where the list does not have it. */
export function placeOf({ places }: SagaRun, { name }: SagaStep): SagaPlace {
  const place = places.get(name);
  if (place !== undefined) return place;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', `the list has no repository called '${name}'`, {
    hints: ['The revert that was begun has a part there: use the list it was begun with.'],
  });
}

/** The intent with one step as it is now. */
export function withStep(intent: Intent, step: SagaStep): Intent {
  const { record } = intent;
  const repositories = record.repositories.map((one) => (one.name === step.name ? step : one));
  return { ...intent, record: { ...record, repositories } };
}

/** Puts the intent on disk in every repository. */
export async function save(run: SagaRun, intent: Intent): Promise<Intent> {
  const next = { ...intent, revision: intent.revision + 1 };
  for (const step of next.record.repositories) {
    const { ledger } = placeOf(run, step);
    await writeIntent(ledger.repo, next, step);
  }
  return next;
}

/** Tells every ledger how far it has come. */
export async function tell(run: SagaRun, intent: Intent): Promise<SagaRecord> {
  const { record, direction } = intent;
  const now = run.actor.clock();
  const told: SagaRecord = {
    ...record,
    id: newUlid(now),
    state: stateOf(record.repositories, direction),
    recordedAt: new Date(now).toISOString(),
  };
  for (const step of told.repositories) {
    const { ledger, config } = placeOf(run, step);
    const objects = [...step.units, ...(step.commit === null ? [] : [step.commit])];
    await appendSaga(ledger, told, objects, {
      identity: committerLine(run.actor.env, config, now),
      message: `agent-log: ${told.state} revert of ${told.txns.join(', ')} across repositories\n\nVia: agent-revert\n`,
    });
  }
  return told;
}

/** Tells a ledger of the revert that stands in its repository. Again, it changes nothing. */
export async function tellOfRevert(run: SagaRun, intent: Intent, step: SagaStep): Promise<void> {
  const revert = intent.reverts.find(({ commit }) => commit === step.commit);
  const place = placeOf(run, step);
  if (revert !== undefined) await tellLedger(place.ledger, revert, applierOf(place, run.actor));
}

/** It has come to an end: the ledgers say so, and nothing else of it is kept. */
export async function finish(run: SagaRun, intent: Intent): Promise<SagaRecord> {
  for (const step of intent.record.repositories)
    if (step.step === 'applied' || step.step === 'published') await tellOfRevert(run, intent, step);
  const told = await tell(run, intent);
  await sendLedgers(run, told);
  for (const step of told.repositories) await dropIntent(placeOf(run, step).ledger.repo, told);
  return told;
}

/** Others should hear of it, too. Where that fails the next push or `sync` does it. */
export async function sendLedgers(run: SagaRun, { repositories }: SagaRecord): Promise<void> {
  for (const step of repositories) {
    const { ledger, config } = placeOf(run, step);
    if (step.remote === null || config.get('agentlog.push') === 'false') continue;
    const identity = committerLine(run.actor.env, config, run.actor.clock());
    await syncLedger(ledger, { remote: step.remote, direction: 'push', identity }).catch((error: unknown) =>
      run.say(`${step.name}: the ledger was not pushed: ${messageOf(error)}`),
    );
  }
}
