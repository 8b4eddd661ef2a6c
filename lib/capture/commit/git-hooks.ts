import { existsSync } from 'node:fs';
import { readFile, unlink } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { messageOf } from '../../core/errors.ts';
import type { ExecutionRecord, StoredRecord } from '../../core/records/record.ts';
import { claimedTrailers, sealLines, withoutSeal } from '../../core/records/trailers.ts';
import type { GitConfig } from '../../git/repository/config.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { pendingNames, writePending } from '../../ledger/binding/pending.ts';
import { type Ledger, openLedger } from '../../ledger/ledger.ts';
import { readRegularFile, writeFileAtomically } from '../../ledger/notes/files.ts';
import { withLock } from '../../ledger/notes/lock.ts';
import { levelOf } from '../../ledger/payloads/level.ts';
import { detectAgent } from '../agents/detect.ts';
import { aiderByMessage, takeInAider } from '../aider.ts';
import { armHook } from '../install/arm.ts';
import { type Place, placeOf, sessionKey, worktreeKey } from '../place.ts';
import { sessionOfRunningSubagent } from '../session/running.ts';
import { loadSession, openSession, saveSession } from '../session/session-store.ts';
import { noteSealed } from '../session/settle.ts';
import { copyTexts } from '../session/texts.ts';
import { ingest } from '../spool/ingest.ts';
import { writeJournal } from '../spool/journal.ts';
import { txnHereOrAtHome } from '../transaction/borrow-txn.ts';
import { activeTxn } from '../transaction/transaction.ts';
import { transactionFor } from '../transaction/transaction-for.ts';
import { loadLooked } from '../transaction/until-landed.ts';
import type { Actor } from './actor.ts';
import { isAmend } from './amend.ts';
import { sealAside, type Unsettled } from './aside.ts';
import { borrowSession } from './borrow.ts';
import type { SealContext } from './context.ts';
import { authorOfLeftWork } from './left-work.ts';
import {
  isEmptyMessage,
  isUntouchedTemplate,
  type MessageSeal,
  messageBody,
  sealMessage,
} from './message.ts';
import { isOwnWork, type Replay, replayAt } from './replay.ts';
import { lookAtCommit } from './scene.ts';
import { buildRecord } from './seal.ts';
import { settleHead } from './settle-commits.ts';

/** What git tells a hook, and the process it runs in. */
export interface HookCall {
  readonly repo: Repository;
  readonly config: GitConfig;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Process id of the git that runs the hook, as its shell knows it. */
  readonly gitPid: string | null;
  readonly now: number;
  /** Seals a message file; the hook's shell does it where it can. */
  readonly seal?: (seal: MessageSeal) => Promise<void>;
}

/**
 * prepare-commit-msg: finishes the record of the commit being made, puts it on disk, and seals the message with its
 * digest. Does nothing for a commit no agent makes, nor for one that git only replays: its trailers came along or not.
 */
export async function prepareCommitMessage(call: HookCall): Promise<StoredRecord<ExecutionRecord> | null> {
  const { repo, config } = call;
  const place = placeOf(repo);
  const file = messageFile(call);
  const message = await readFile(file, 'utf8').catch(() => '');
  const agent = detectAgent(call.env) ?? aiderByMessage(call.args[1], message);
  const txnId = call.env['AGENT_LOG_TXN'] || (await activeTxn(place, worktreeKey(repo)));
  if (agent === null && !txnId && !existsSync(place.unclaimed)) return null;

  const context: SealContext = { repo, place, env: call.env, config, now: call.now };
  const replay = await replayAt(repo);
  const ledger = openLedger(repo);
  // Once the record is on disk nothing keeps the message from its seal: what else went wrong is told at the end.
  const undone: unknown[] = [];
  const tell = (problem: unknown): void => void undone.push(problem);
  const seal = async (where: Place): Promise<StoredRecord<ExecutionRecord> | null> => {
    const there = { ...context, place: where };
    const sealed = await sealCommit(ledger, there, call, agent, txnId || null, message, replay);
    if (sealed === null) return null;
    await keepSealed(where, sealed).catch(tell);
    return sealed.stored;
  };
  const unsettled: Unsettled = {
    waiting: () => pendingNames(repo),
    settle: (where) => settleHead(ledger, where),
  };
  try {
    const stored = await withLock(
      place.lock,
      LOCK_PATIENCE_MS,
      () => seal(place),
      () => sealAside(place, unsettled, seal),
    );
    if (stored === null) return null;
    // The work that was carried over stays in the message beside the agent's own.
    const keep = replay !== null && replay.resolved.length > 0;
    // The trailers first: the hook's shell puts them in while the rest is done here.
    await placeTrailers(context, call, stored, { file, message, keep });
    await armHook(place, 'post-commit').catch(tell);
    if (undone.length > 0) throw undone[0];
    return stored;
  } finally {
    ledger.close();
  }
}

const LOCK_PATIENCE_MS = 1000;

interface Sealed {
  readonly stored: StoredRecord<ExecutionRecord>;
  readonly actor: Actor;
}

async function sealCommit(
  ledger: Ledger,
  context: SealContext,
  call: HookCall,
  detected: Actor['agent'],
  txnId: string | null,
  message: string,
  replay: Replay | null,
): Promise<Sealed | null> {
  const { place } = context;
  const agent =
    detected?.name === 'aider' ? await takeInAider(ledger.repo, place, detected, context) : detected;
  const key = agent?.sessionId ? sessionKey(agent.name, agent.sessionId) : null;
  const amends = await isAmend(call.args, call.gitPid);
  const [scene] = await Promise.all([
    lookAtCommit(ledger.repo, ledger.reader, amends, context.config),
    ingest(ledger.repo, place, key, context.config),
  ]);
  await settleHead(ledger, place);
  const actor =
    agent === null && txnId === null
      ? await authorOfLeftWork(place, scene.changes, context.now)
      : await actorAtWork(context, agent, key, txnId);
  if (actor === null) return null;
  const txn = await transactionFor(context, actor, scene, (id) =>
    loadLooked(ledger, place, id, scene.remoteHead ?? null, context.config),
  );
  const inherited = amends ? claimedTrailers(replacedBy(message)).records : [];
  const stored = await buildRecord(context, actor, txn, scene, ledger.reader, inherited, replay?.source);
  if (replay !== null && !isOwnWork(replay, stored.record, actor.session)) return null;
  await writePending(ledger.repo, stored, levelOf(context.config.get('agentlog.level')));
  return { stored, actor };
}

/** Remembers in the session what the record covers, and keeps the texts it names. */
async function keepSealed(place: Place, { stored, actor: { session, home } }: Sealed): Promise<void> {
  if (session === null) return;
  noteSealed(session, stored.digest);
  await saveSession(place, session);
  if (home !== undefined) await copyTexts(home, place, session.key, textsIn(stored.line));
}

/** Digests of every text a record's line names. */
function textsIn(line: string): Set<string> {
  return new Set(line.match(/hmac-sha256:[0-9a-f]{64}/g) ?? []);
}

async function actorAtWork(
  context: SealContext,
  agent: Actor['agent'],
  key: string | null,
  txnId: string | null,
): Promise<Actor> {
  const { place } = context;
  const txn = txnId === null ? null : await txnHereOrAtHome(context, txnId);
  if (key === null || agent?.sessionId == null) return { agent, session: null, txn };
  const own =
    (await loadSession(place, key)) ??
    (await sessionOfRunningSubagent(place, agent.name, context.now)) ??
    (await openSession(place, key, agent.name, agent.sessionId));
  // What lies in the other clone must not keep this commit from its record.
  const borrowed = await borrowSession(context, agent, own).catch(async (error: unknown) => {
    const problem = `the session's own clone could not be read: ${messageOf(error)}`;
    await writeJournal(place, { at: new Date(context.now).toISOString(), hook: 'borrow', problem });
    return null;
  });
  if (borrowed === null) return { agent, session: own, txn };
  const { session, stands, home } = borrowed;
  return { agent, session, txn, stands, home };
}

/** The seal lines a new seal takes the place of. */
function replacedBy(message: string): string {
  const kept = new Set(withoutSeal(message).split('\n'));
  return message
    .split('\n')
    .filter((line) => !kept.has(line))
    .join('\n');
}

interface Deferred {
  readonly gitPid: string | null;
  readonly trailers: readonly string[];
  readonly template: string;
}

/**
 * Puts the trailers in, or leaves them to commit-msg: in an editor that opens on nothing, or on a template, they
 * would turn "an empty message aborts" into a commit.
 */
async function placeTrailers(
  context: SealContext,
  call: HookCall,
  stored: StoredRecord<ExecutionRecord>,
  { file, message, keep }: { readonly file: string; readonly message: string; readonly keep: boolean },
): Promise<void> {
  const { record, digest } = stored;
  const assistedBy = [record.agent.name, record.model.name].filter(Boolean).join(':');
  const trailers = sealLines({ txn: record.txn, record: digest, sponsor: record.sponsor, assistedBy });
  const source = call.args[1] ?? '';
  const editor = call.env['GIT_EDITOR'] !== ':';
  const empty = isEmptyMessage(message, commentChar(context), editor);
  const seal = call.seal ?? ((message: MessageSeal) => sealMessage(call.repo, message));
  if (!empty && source !== 'template')
    await seal({ file, trailers, commentChar: commentChar(context), keep });
  else if (editor) await deferTrailers(context, call, trailers, source === 'template' ? message : '');
}

async function deferTrailers(
  context: SealContext,
  call: HookCall,
  trailers: readonly string[],
  template: string,
): Promise<void> {
  const deferred: Deferred = {
    gitPid: call.gitPid,
    trailers,
    template: messageBody(template, commentChar(context), true),
  };
  await writeFileAtomically(deferredPath(context.place, call.repo), JSON.stringify(deferred), false);
  await armHook(context.place, 'commit-msg');
}

/** commit-msg: seals the message an editor has made, if prepare-commit-msg of the same git process left it to us. */
export async function sealEditedMessage(call: HookCall): Promise<void> {
  const { repo, config } = call;
  const path = deferredPath(placeOf(repo), repo);
  const bytes = await readRegularFile(path, 64 * 1024);
  if (bytes === null) return;
  await unlink(path).catch(() => undefined);
  const deferred = JSON.parse(bytes.toString('utf8')) as Deferred;
  if (deferred.gitPid === null || deferred.gitPid !== call.gitPid) return;
  const file = messageFile(call);
  const body = messageBody(await readFile(file, 'utf8'), commentChar({ config }), true);
  if (body === '' || isUntouchedTemplate(body, deferred.template)) return;
  await sealMessage(repo, { file, trailers: deferred.trailers, commentChar: commentChar({ config }) });
}

function messageFile(call: HookCall): string {
  const file = call.args[0] ?? '';
  return isAbsolute(file) ? file : join(call.repo.cwd, file);
}

function commentChar({ config }: Pick<SealContext, 'config'>): string {
  const char = config.get('core.commentchar') ?? '#';
  return char === 'auto' ? '#' : char;
}

function deferredPath(place: Place, repo: Repository): string {
  return join(place.deferred, worktreeKey(repo));
}
