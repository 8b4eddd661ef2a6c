import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { AgentLogError } from '../../core/errors.ts';
import type { Task } from '../../core/generated/execution-v1.types.ts';
import { piiSettings } from '../../core/secrets/pii.ts';
import { newUlid } from '../../core/ulid.ts';
import type { GitConfig } from '../../git/repository/config.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { sponsorNamed } from '../../identity/sponsor.ts';
import { detectAgent } from '../agents/detect.ts';
import { label, taskRef } from '../agents/payload.ts';
import { sponsorNow } from '../commit/context.ts';
import { type Place, placeOf, worktreeKey } from '../place.ts';
import type { BaseState } from '../session/session.ts';
import { type Snapshot, takeSnapshot } from '../session/snapshot.ts';
import { prepareTexts, storeTexts } from '../session/texts.ts';
import { TXN_HOME } from './borrow-txn.ts';
import { activeTxn, clearActiveTxn, loadTxn, saveTxn, setActiveTxn, type TxnState } from './transaction.ts';

/** What a person says of a transaction when opening it by hand. */
export interface OpenOptions {
  readonly task: string;
  readonly taskRef?: string | undefined;
  readonly sponsor?: string | undefined;
  readonly agent?: string | undefined;
  readonly model?: string | undefined;
}

export interface OpenContext {
  readonly repo: Repository;
  readonly config: GitConfig;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: number;
}

/** Opens a transaction in this worktree: every commit until `end` belongs to it. Throws TXN_OPEN when one is open. */
export async function beginTxn(context: OpenContext, options: OpenOptions): Promise<TxnState> {
  const place = placeOf(context.repo);
  const worktree = worktreeKey(context.repo);
  const open = await activeTxn(place, worktree);
  if (open !== null) {
    throw new AgentLogError('TXN_OPEN', 'answer', `a transaction is already open here: ${open}`, {
      hints: ['Close it with `git agent-log end`.'],
    });
  }
  const state = await openTxn(context, place, 'begin', options, null);
  await setActiveTxn(place, worktree, state.txn);
  return state;
}

/** Closes the transaction open in this worktree. Throws NO_OPEN_TXN. */
export async function endTxn(repo: Repository, now: number): Promise<TxnState> {
  const place = placeOf(repo);
  const worktree = worktreeKey(repo);
  const open = await activeTxn(place, worktree);
  const state = open === null ? null : await loadTxn(place, open);
  await clearActiveTxn(place, worktree);
  if (state === null) {
    throw new AgentLogError('NO_OPEN_TXN', 'answer', 'no transaction is open in this worktree', {
      hints: ['Open one with `git agent-log begin --task TEXT`.'],
    });
  }
  return closeTxn(place, state, now);
}

/** How many records the commits of a transaction have, as far as they are bound. */
export async function recordsOf(repo: Repository, txn: string): Promise<number> {
  return (await loadTxn(placeOf(repo), txn))?.seq ?? 0;
}

export interface RunResult {
  readonly txn: string;
  /** How many records its commits have so far; one that was made last may still wait to be bound. */
  readonly records: number;
  readonly exitCode: number;
}

/** Runs a command as the agent of a transaction of its own. `onOpen` hears the id before the command starts. */
export async function runAsAgent(
  context: OpenContext,
  options: OpenOptions,
  command: readonly string[],
  onOpen: (txn: string) => void,
): Promise<RunResult> {
  const place = placeOf(context.repo);
  const state = await openTxn(context, place, 'run', options, command);
  onOpen(state.txn);
  const exitCode = await runCommand(context, command, state.txn);
  const after = (await loadTxn(place, state.txn)) ?? state;
  await closeTxn(place, after, Date.now());
  return { txn: state.txn, records: after.seq, exitCode };
}

async function openTxn(
  context: OpenContext,
  place: Place,
  by: 'begin' | 'run',
  options: OpenOptions,
  command: readonly string[] | null,
): Promise<TxnState> {
  const txn = newUlid(context.now);
  const texts = `txn-${txn}`;
  const snapshot = await takeSnapshot(context.repo);
  const line =
    command
      ?.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
      .join(' ') ?? '';
  const prepared = await prepareTexts(
    [
      { kind: 'task', text: options.task },
      { kind: 'args', text: line },
    ],
    piiSettings(context.config),
  );
  await storeTexts(place, texts, prepared.stored);
  const [task, args] = prepared.refs;
  const detected = detectAgent(context.env);
  const name =
    options.agent ??
    detected?.name ??
    (command?.[0] === undefined ? 'unknown' : (command[0].split('/').at(-1) ?? 'unknown'));
  const state: TxnState = {
    txn,
    by,
    agent: { name: label(name), version: detected?.name === name ? detected.version : null },
    model: { provider: null, name: options.model === undefined ? null : label(options.model) },
    sponsor: sponsorOf(context, options.sponsor),
    task:
      task === undefined ? null : ({ ...task, ref: taskRef(options.taskRef), source: 'flag' } satisfies Task),
    base: baseOf(snapshot),
    openedAt: new Date(context.now).toISOString(),
    endedAt: null,
    texts,
    ...(command === null || args === undefined ? {} : { command: { args, before: snapshot?.files ?? null } }),
    seq: 0,
    prev: null,
    settled: [],
  };
  await saveTxn(place, state);
  return state;
}

async function closeTxn(place: Place, state: TxnState, now: number): Promise<TxnState> {
  const closed = { ...state, endedAt: new Date(now).toISOString() };
  await saveTxn(place, closed);
  return closed;
}

function sponsorOf(context: OpenContext, flag: string | undefined): TxnState['sponsor'] {
  return flag === undefined ? sponsorNow(context) : sponsorNamed(flag);
}

function baseOf(snapshot: Snapshot | null): BaseState | null {
  if (snapshot === null) return null;
  const paths = [...snapshot.files.keys()];
  return {
    commit: snapshot.head,
    branch: snapshot.branch,
    dirtyPaths: paths.slice(0, 200),
    dirtyCount: paths.length,
  };
}

function runCommand(context: OpenContext, command: readonly string[], txn: string): Promise<number> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd: context.repo.cwd,
    // A command may commit in other clones, too: there they ask this one what the transaction is.
    env: { ...context.env, AGENT_LOG_TXN: txn, [TXN_HOME]: placeOf(context.repo).dir },
    stdio: 'inherit',
  });
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      reject(
        new AgentLogError('IO_FAILED', 'system', `could not start ${program}`, {
          cause,
          hints: ['Is the command spelled right, and on PATH?'],
        }),
      );
    });
    child.once('close', (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : (constants.signals[signal] ?? 0))),
    );
  });
}
