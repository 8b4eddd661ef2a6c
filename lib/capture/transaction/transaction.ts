import { join } from 'node:path';
import type { ExecutionRecord, Model, Sponsor, Task } from '../../core/generated/execution-v1.types.ts';
import { isUlid } from '../../core/ulid.ts';
import { readRegularFile, removeFile, writeFileAtomically } from '../../ledger/notes/files.ts';
import type { Place } from '../place.ts';
import { fits, readState, wasDamaged } from '../session/kept-state.ts';
import type { BaseState } from '../session/session.ts';
import { stateToJson } from '../session/state-json.ts';

/** A transaction as this clone knows it. The ledger is what counts; this is where the next record goes on from. */
export interface TxnState {
  readonly txn: string;
  readonly by: ExecutionRecord['capture']['by'];
  readonly agent: { readonly name: string; readonly version: string | null };
  readonly model: Model;
  readonly sponsor: Sponsor | null;
  readonly task: Task | null;
  readonly base: BaseState | null;
  readonly openedAt: string;
  readonly endedAt: string | null;
  /** Folder of the texts: the session's key, or the transaction's own. */
  readonly texts: string;
  /** For `run`: the command, and what differed from HEAD when it started. */
  readonly command?: {
    readonly args: NonNullable<ExecutionRecord['reason']>;
    readonly before: ReadonlyMap<string, string | null> | null;
  };
  readonly seq: number;
  readonly prev: string | null;
  /** Records already counted in seq and prev. */
  readonly settled: readonly string[];
  /** Where the transaction lasts until its work has landed. Absent elsewhere, and in what an early version wrote. */
  readonly topic?: TopicWork;
}

/** A session's work on one topic branch, until it has landed. */
export interface TopicWork {
  /** Counts the transactions the session had on this branch. */
  readonly generation: number;
  /** The commits its records were bound to, oldest first, without those an amend replaced. */
  readonly commits: readonly string[];
  /** Tips of the default branch when somebody last looked whether the work is in it. */
  readonly lookedAt: readonly string[];
  readonly hasLanded: boolean;
}

const MAX_STATE_BYTES = 16 * 1024 * 1024;

export async function loadTxn(place: Place, txn: string): Promise<TxnState | null> {
  if (!isUlid(txn)) return null;
  return readState(
    join(place.txns, `${txn}.json`),
    MAX_STATE_BYTES,
    (value): value is TxnState => fits(value, { txn, seq: 0, settled: [], texts: '' }) && value.txn === txn,
  );
}

/** True where there was a state that could not be read: how many records the transaction has is then unknown here. */
export function wasTxnDamaged(place: Place, txn: string): Promise<boolean> {
  return wasDamaged(join(place.txns, `${txn}.json`));
}

export async function saveTxn(place: Place, state: TxnState): Promise<void> {
  await writeFileAtomically(join(place.txns, `${state.txn}.json`), stateToJson(state), false);
}

const MAX_REMEMBERED = 500;

/** The state after one of the transaction's records got its commit. Settling twice changes nothing. */
export function settleTxn(
  state: TxnState,
  digest: string,
  record: ExecutionRecord,
  commit: string,
): TxnState {
  if (state.settled.includes(digest)) return state;
  const isNewest = record.seq > state.seq;
  return {
    ...state,
    settled: [...state.settled, digest].slice(-MAX_REMEMBERED),
    ...(isNewest ? { seq: record.seq, prev: digest } : {}),
    ...(state.topic === undefined ? {} : { topic: withCommit(state.topic, record, commit) }),
  };
}

function withCommit(topic: TopicWork, { amends }: ExecutionRecord, commit: string): TopicWork {
  const kept = topic.commits.filter((one) => one !== amends && one !== commit);
  return { ...topic, commits: [...kept, commit].slice(-MAX_REMEMBERED) };
}

/** The transaction opened by hand in a worktree; null when there is none. */
export async function activeTxn(place: Place, worktree: string): Promise<string | null> {
  const bytes = await readRegularFile(join(place.active, worktree), 100);
  const txn = bytes?.toString('utf8').trim() ?? '';
  return isUlid(txn) ? txn : null;
}

export async function setActiveTxn(place: Place, worktree: string, txn: string): Promise<void> {
  await writeFileAtomically(join(place.active, worktree), `${txn}\n`, false);
}

export async function clearActiveTxn(place: Place, worktree: string): Promise<void> {
  await removeFile(join(place.active, worktree));
}
