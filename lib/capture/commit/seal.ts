import type {
  ExecutionRecord,
  HeadState,
  Model,
  Prompt,
  RepositoryState,
  Sponsor,
} from '../../core/generated/execution-v1.types.ts';
import { encodeRecord, type StoredRecord } from '../../core/record.ts';
import { newUlid } from '../../core/ulid.ts';
import type { ObjectReader } from '../../git/objects/catfile.ts';
import { readCommit } from '../../git/objects/objects.ts';
import { type GitConfig, readConfig } from '../../git/repository/config.ts';
import { emptyTree, type StagedChange, stagedChanges, writeTree } from '../../git/repository/index-diff.ts';
import { currentBranch, type Repository, remoteHeadBranch } from '../../git/repository/repository.ts';
import { claimsProblem } from '../../identity/ci-identity.ts';
import { findSponsor } from '../../identity/sponsor.ts';
import { LEDGER_REF } from '../../ledger/ledger.ts';
import type { DetectedAgent } from '../agents/detect.ts';
import { adapterNamed } from '../agents/index.ts';
import type { Place } from '../place.ts';
import { addGap, type BaseState, type PromptState, type SessionState, wasSeen } from '../session/session.ts';
import { unrecordedUsage } from '../session/settle.ts';
import { type Committer, chainOf, committerOf } from '../session/subagents.ts';
import { transcriptGap, untoldByTranscript } from '../session/transcript-gap.ts';
import {
  boundaryKey,
  boundaryUnit,
  type CommitPlace,
  endsByLanding,
  isDefaultBranch,
  txnOfTask,
} from '../transaction/boundary.ts';
import { saveTxn, type TxnState, wasTxnDamaged } from '../transaction/transaction.ts';
import type { Evidence } from './attribute.ts';
import { authorshipOf } from './contributors.ts';
import { fitRecord } from './fit.ts';
import { toolVersions } from './tools.ts';

/** What the repository and the index are, at the moment of a commit. */
export interface CommitScene {
  readonly head: HeadState;
  readonly branch: string | null;
  readonly isDefaultBranch: boolean;
  /** The branch the remote calls its own. */
  readonly remoteHead?: string | null;
  readonly tree: string | null;
  readonly changes: readonly StagedChange[];
  readonly ledger: string | null;
  readonly amends: string | null;
}

/** Who does the work: a detected agent, its session if its hooks told of one, the transaction if one is open. */
export interface Actor {
  readonly agent: DetectedAgent | null;
  readonly session: SessionState | null;
  readonly txn: TxnState | null;
  /** For a session whose hooks report to another clone: where it stands there. */
  readonly stands?: CommitPlace;
  /** The clone they report to. */
  readonly home?: Place;
  /** For a commit found afterwards: what more is known of who wrote its files. */
  readonly late?: {
    readonly evidence: readonly Evidence[];
    readonly gaps: readonly string[];
    /** The worktree it was made in, and the sub-agent whose command made it, where that is known. */
    readonly top: string | null;
    readonly agentId: string | null;
  };
}

export interface SealContext {
  readonly repo: Repository;
  readonly place: Place;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly config: GitConfig;
  readonly now: number;
}

export const SEAL_CONFIG: readonly string[] = [
  'user',
  'author',
  'committer',
  'core',
  'commit',
  'init',
  'agentlog',
];

const MAX_FILES = 5000;

/** Looks at the repository once, with as few processes as that takes. */
export async function lookAtCommit(
  repo: Repository,
  reader: ObjectReader,
  amends: boolean,
  config: GitConfig,
): Promise<CommitScene> {
  const [head, ledger, tree, againstName, branch, remoteHead] = await Promise.all([
    readCommit(reader, 'HEAD'),
    reader.read(`${LEDGER_REF}^{commit}`),
    writeTree(repo),
    stagedChanges(repo, amends ? 'HEAD^' : 'HEAD'),
    currentBranch(repo),
    remoteHeadBranch(repo),
  ]);
  // No commit of that name: the first one is being made, or made again.
  const changes = againstName ?? (await stagedChanges(repo, emptyTree(repo.format))) ?? [];
  return {
    head: { commit: head?.oid ?? null, tree: head?.tree ?? null, parents: [...(head?.parents ?? [])] },
    branch,
    isDefaultBranch: isDefaultBranch(branch, remoteHead, config),
    remoteHead,
    tree,
    changes,
    ledger: ledger?.oid ?? null,
    amends: amends ? (head?.oid ?? null) : null,
  };
}

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

export function sponsorNow(context: Pick<SealContext, 'env' | 'config'>, flag?: string): Sponsor | null {
  return findSponsor({ flag, env: context.env, config: context.config });
}

export function sealConfig(repo: Repository): Promise<GitConfig> {
  return readConfig(repo, SEAL_CONFIG);
}

/** For a commit found afterwards no command is running any more: its call, if one claimed it, tells who made it. */
function committerFor({ repo }: SealContext, { agent, late }: Actor, session: SessionState): Committer {
  if (late === undefined && agent?.loop !== undefined)
    return { subagent: session.subagents.get(agent.loop) ?? null, unsure: false };
  if (late === undefined) return committerOf(session, repo.top);
  return { subagent: session.subagents.get(late.agentId ?? '') ?? null, unsure: false };
}

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

/** False for an agent of which only its own file tells. */
function hasHooks(agent: string): boolean {
  return adapterNamed(agent)?.provides.prompts !== 'transcript';
}

const ALONE: Committer = { subagent: null, unsure: false };

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

/** Prompts no bound record holds yet, and always the one in force. */
function promptsOf(session: SessionState | null): Prompt[] {
  if (session === null) return [];
  const { currentPrompt } = session;
  const listed = session.prompts.some(({ digest }) => digest === currentPrompt?.digest);
  const all = listed || currentPrompt === null ? session.prompts : [currentPrompt, ...session.prompts];
  return all.map(({ byUser: _byUser, seq: _seq, base: _base, ...prompt }) => ({ ...prompt }));
}

function toolCallsOf(session: SessionState | null, txn: TxnState, seq: number): ExecutionRecord['toolCalls'] {
  const running = [...(session?.open ?? [])].map(([id, call]) => ({
    id,
    name: call.name,
    status: 'running' as const,
    args: { ...call.args },
    result: null,
    startedAt: call.startedAt,
    endedAt: null,
    ...(call.agentId === undefined ? {} : { agentId: call.agentId }),
  }));
  const command = txn.command && seq === 1 ? [commandCall(txn, txn.command)] : [];
  return [...command, ...(session?.calls ?? []).map((call) => ({ ...call })), ...running];
}

/** A command run as an agent is one call of a shell, still running when it commits. */
function commandCall(
  txn: TxnState,
  command: NonNullable<TxnState['command']>,
): ExecutionRecord['toolCalls'][number] {
  return {
    id: 'run',
    name: 'run',
    status: 'running',
    args: { ...command.args },
    result: null,
    startedAt: txn.openedAt,
    endedAt: null,
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

function gapsOf(
  session: SessionState | null,
  committer: Committer,
  scene: CommitScene,
  actor: Actor,
): string[] {
  const gaps = [...(session?.gaps ?? []), ...(actor.late?.gaps ?? [])];
  if (committer.unsure)
    gaps.push(
      'several commands of this session ran when the commit was made: which of them made it is unknown',
    );
  const untold = session !== null && wasSeen(session) ? untoldByTranscript(session) : [];
  if (session !== null && untold.length > 0) gaps.push(transcriptGap(session.agent, untold));
  if (actor.agent !== null && (session === null || !wasSeen(session)))
    gaps.push(
      `${actor.agent.name}: no hook of this session was seen, so its prompts and tool calls are unknown`,
    );
  if (session !== null && wasSeen(session) && !hasHooks(session.agent))
    gaps.push(`${session.agent}: it has no hooks, so its tool calls are unknown`);
  if (scene.tree === null) gaps.push('the index could not be written as a tree');
  return gaps;
}

/** A sponsor that could not be heard of is no reason to pass it over in silence. */
function claimsGaps(env: SealContext['env'], { sponsor }: { readonly sponsor: Sponsor | null }): string[] {
  const problem = sponsor === null ? claimsProblem(env) : null;
  return problem === null ? [] : [`sponsor: ${problem}`];
}

/** Of what git carries over, the files alone do not tell that they were there before. */
function replayGaps(replays: string | null): string[] {
  return replays === null ? [] : [`this replays ${replays}: what nobody was seen to write was in it`];
}
