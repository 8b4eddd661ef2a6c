import type { ExecutionRecord, Model, RepositoryState } from '../../core/generated/execution-v1.types.ts';
import { encodeRecord, type StoredRecord } from '../../core/records/record.ts';
import { newUlid } from '../../core/ulid.ts';
import type { ObjectReader } from '../../git/objects/catfile.ts';
import { readCommit } from '../../git/objects/objects.ts';
import { adapterNamed } from '../agents/index.ts';
import type { BaseState, SessionState } from '../session/session.ts';
import { unrecordedUsage } from '../session/settle.ts';
import { type Committer, chainOf } from '../session/subagents.ts';
import type { TxnState } from '../transaction/transaction.ts';
import { type Actor, ALONE, committerFor } from './actor.ts';
import type { Evidence } from './attribute.ts';
import { type SealContext, sponsorNow } from './context.ts';
import { authorshipOf } from './contributors.ts';
import { fitRecord } from './fit.ts';
import { claimsGaps, gapsOf, replayGaps } from './gaps.ts';
import type { CommitScene } from './scene.ts';
import { promptsOf, toolCallsOf } from './told-calls.ts';
import { toolVersions } from './tools.ts';

const MAX_FILES = 5000;

/** The execution record of a commit about to be made. */
export async function buildRecord(
  context: SealContext,
  actor: Actor,
  txn: TxnState,
  scene: CommitScene,
  reader: ObjectReader,
  inherited: readonly string[],
  replays: string | null = null,
): Promise<StoredRecord<ExecutionRecord>> {
  const { session } = actor;
  const seq = txn.seq + 1;
  const committer = session === null ? ALONE : committerFor(context, actor, session);
  const changed = await filesOf(context, actor, scene, txn);
  const record: ExecutionRecord = {
    schema: 'agent-log/execution/v1',
    id: newUlid(context.now),
    txn: txn.txn,
    seq,
    prev: txn.prev,
    ...(inherited.length === 0 ? {} : { inherited: [...inherited] }),
    recordedAt: new Date(context.now).toISOString(),
    agent: {
      name:
        session?.agent ??
        (txn.by === 'hooks' || txn.by === 'environment' ? actor.agent?.name : txn.agent.name) ??
        'unknown',
      version: session?.version ?? actor.agent?.version ?? txn.agent.version,
      sessionId: session?.sessionId ?? actor.agent?.sessionId ?? null,
      ...(session?.parentSessionId ? { parentSessionId: session.parentSessionId } : {}),
      chain: session === null ? [] : chainOf(session, changed.files, committer),
    },
    model: modelOf(session, committer, txn),
    sponsor: txn.sponsor ?? sponsorNow(context),
    task: txn.task,
    base: await repositoryState(txn.base, scene, reader),
    head: scene.head,
    ...(scene.amends === null ? {} : { amends: scene.amends }),
    tree: scene.tree,
    ledger: scene.ledger,
    prompts: promptsOf(session),
    context: session?.context.map((item) => ({ ...item })) ?? [],
    toolCalls: toolCallsOf(session, txn, seq),
    reason: (committer.subagent ?? session)?.said ?? null,
    usage: session === null ? null : unrecordedUsage(session),
    environment: {
      platform: process.platform,
      arch: process.arch,
      tools: await toolVersions(context.place, actor, session?.version ?? null),
    },
    ...changed,
    redactions: session?.redactions.map((redaction) => ({ ...redaction })) ?? [],
    capture: {
      by: txn.by,
      gaps: [
        ...gapsOf(session, committer, scene, actor),
        ...replayGaps(replays),
        ...claimsGaps(context.env, txn),
      ],
      ...(actor.late === undefined ? {} : { late: true }),
      ...(session?.isBorrowed === true ? { elsewhere: true } : {}),
    },
  };
  return encodeRecord(fitRecord(record)) as StoredRecord<ExecutionRecord>;
}

function modelOf(session: SessionState | null, { subagent }: Committer, txn: TxnState): Model {
  const name = subagent?.model ?? session?.model;
  if (session !== null && name)
    return {
      provider: session.provider ?? adapterNamed(session.agent)?.provider ?? txn.model.provider,
      name,
    };
  return { ...txn.model };
}

async function repositoryState(
  base: BaseState | null,
  scene: CommitScene,
  reader: ObjectReader,
): Promise<RepositoryState> {
  if (base === null) {
    return { commit: scene.head.commit, tree: scene.head.tree, branch: scene.branch, dirty: null };
  }
  const commit = base.commit === null ? null : await readCommit(reader, base.commit);
  return {
    commit: base.commit,
    tree: commit?.tree ?? null,
    branch: base.branch,
    dirty: base.dirtyCount > 0,
    ...(base.dirtyCount === 0 ? {} : { dirtyPaths: [...base.dirtyPaths], dirtyCount: base.dirtyCount }),
  };
}

function evidenceOf(session: SessionState | null, txn: TxnState): Evidence[] {
  const all: Evidence[] = session === null ? [] : [session];
  if (txn.command?.before) {
    const call = { name: 'run', args: txn.command.args, startedAt: txn.openedAt, before: txn.command.before };
    all.push({ writes: new Map(), open: new Map([['run', call]]) });
  }
  return all;
}

async function filesOf(
  context: SealContext,
  actor: Actor,
  scene: CommitScene,
  txn: TxnState,
): Promise<Pick<ExecutionRecord, 'files' | 'filesLeftOut' | 'contributors'>> {
  const evidence = [...evidenceOf(actor.session, txn), ...(actor.late?.evidence ?? [])];
  const looked = { place: context.place, key: actor.session?.key ?? null, now: context.now };
  const { files, contributors } = await authorshipOf(scene.changes.slice(0, MAX_FILES), evidence, looked);
  const left = scene.changes.length - files.length;
  return {
    files,
    ...(contributors.length === 0 ? {} : { contributors }),
    ...(left > 0 ? { filesLeftOut: left } : {}),
  };
}
