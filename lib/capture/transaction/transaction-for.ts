import { newUlid } from '../../core/ulid.ts';
import { type Actor, committerFor, hasHooks } from '../commit/actor.ts';
import type { SealContext } from '../commit/context.ts';
import type { CommitScene } from '../commit/scene.ts';
import { addGap, type PromptState, type SessionState, wasSeen } from '../session/session.ts';
import {
  boundaryKey,
  boundaryUnit,
  type CommitPlace,
  endsByLanding,
  isDefaultBranch,
  txnOfTask,
} from './boundary.ts';
import { saveTxn, type TxnState, wasTxnDamaged } from './transaction.ts';

/** The transaction a commit belongs to: the open one, the session's for this boundary, or a new one, which is saved. */
export async function transactionFor(
  context: SealContext,
  actor: Actor,
  scene: CommitScene,
  load: (txn: string) => Promise<TxnState | null>,
): Promise<TxnState> {
  if (actor.txn !== null) return actor.txn;
  const { session } = actor;
  if (session === null) return open(context, openedBySession(context, actor, newUlid(context.now), null));
  const { key, untilLanded } = boundaryOf(context, actor, session, scene);
  let txn = session.txns.get(key) ?? txnOfTask(session, key, context.now);
  let state = await load(txn);
  let generation = 1;
  while (state?.topic?.hasLanded === true) {
    generation = state.topic.generation + 1;
    txn = txnOfTask(session, key, context.now, generation);
    state = await load(txn);
  }
  session.txns.set(key, txn);
  if (state !== null) return state;
  if (session !== null && (await wasTxnDamaged(context.place, txn))) addGap(session, UNCOUNTED);
  const opened = openedBySession(context, actor, txn, key);
  const topic = { generation, commits: [], lookedAt: [], hasLanded: false };
  return open(context, untilLanded ? { ...opened, topic } : opened);
}

async function open({ place }: SealContext, state: TxnState): Promise<TxnState> {
  await saveTxn(place, state);
  return state;
}

const UNCOUNTED =
  'what was kept of this transaction could not be read and was set aside: its earlier records are not counted';

interface Boundary {
  readonly key: string;
  readonly untilLanded: boolean;
}

function boundaryOf(context: SealContext, actor: Actor, session: SessionState, scene: CommitScene): Boundary {
  const committer = committerFor(context, actor, session);
  // The branch is one of the session's home, and whether its work there has landed is asked there.
  if (actor.stands !== undefined)
    return { key: boundaryKey(session, committer, actor.stands), untilLanded: false };
  const place: CommitPlace = {
    top: actor.late === undefined ? context.repo.top : actor.late.top,
    branch: scene.branch,
    isDefault: (branch) => isDefaultBranch(branch, scene.remoteHead ?? null, context.config),
    unit: boundaryUnit(context.config),
  };
  const key = boundaryKey(session, committer, place);
  return { key, untilLanded: endsByLanding(key, place) };
}

/** A topic branch is one task from its first prompt on; on the default branch the task is what was asked. */
function taskPrompt(session: SessionState | null, boundary: string | null): PromptState | null {
  const asked = session?.prompts.filter(({ byUser }) => byUser) ?? [];
  const [, seq] = /^prompt:(\d+)$/.exec(boundary ?? '') ?? [];
  const prompt = seq === undefined ? asked[0] : asked.find((one) => one.seq === Number(seq));
  return prompt ?? session?.currentPrompt ?? null;
}

function openedBySession(context: SealContext, actor: Actor, txn: string, boundary: string | null): TxnState {
  const { session } = actor;
  const prompt = taskPrompt(session, boundary);
  const ref = context.env['AGENT_LOG_TASK_REF'] ?? null;
  return {
    txn,
    by: session !== null && wasSeen(session) && hasHooks(session.agent) ? 'hooks' : 'environment',
    agent: {
      name: session?.agent ?? actor.agent?.name ?? 'unknown',
      version: session?.version ?? actor.agent?.version ?? null,
    },
    model: { provider: null, name: null },
    sponsor: null,
    task:
      prompt === null
        ? null
        : {
            digest: prompt.digest,
            size: prompt.size,
            ...(prompt.cut === undefined ? {} : { cut: prompt.cut }),
            ref,
            source: 'prompt',
          },
    base: prompt?.base ?? session?.base ?? null,
    openedAt: new Date(context.now).toISOString(),
    endedAt: null,
    texts: session?.key ?? '',
    seq: 0,
    prev: null,
    settled: [],
  };
}
