import { join } from 'node:path';
import { AgentLogError } from '../../core/errors.ts';
import {
  encodeRecord,
  isReadable,
  isRevert,
  isSaga,
  parseLine,
  type RevertRecord,
  type SagaRecord,
} from '../../core/records/record.ts';
import { runGit } from '../../git/process/runner.ts';
import { NO_HOOKS } from '../../git/refs/refs.ts';
import { agentLogDir, type Repository } from '../../git/repository/repository.ts';
import { readRegularFile, removeFile, writeFileAtomically } from '../../ledger/notes/files.ts';

export type SagaStep = SagaRecord['repositories'][number];

/**
 * What is to become of several repositories, on disk in each of them before a branch of any moves: whoever finds one copy
 * can go on from it, for how far it has come is asked of the branches themselves.
 */
export interface Intent {
  /** Of two copies the one with the higher number is the newer. */
  readonly revision: number;
  /** Whether it is being published or taken back. */
  readonly direction: 'forward' | 'back';
  readonly record: SagaRecord;
  /** What each ledger is to keep of its revert, finished beforehand: told again it is the same line. */
  readonly reverts: readonly RevertRecord[];
}

const MAX_BYTES = 32 * 1024 * 1024;

/** The unfinished revert this clone has a part in; null when there is none. Throws BAD_RECORD when it can't be read. */
export async function readIntent(repo: Repository): Promise<Intent | null> {
  const bytes = await readRegularFile(intentFile(repo), MAX_BYTES);
  if (bytes === null) return null;
  const [head = '', saga = '', ...reverts] = bytes.toString('utf8').split('\n').filter(Boolean);
  const [, revision, direction] = /^agent-log saga (\d{1,9}) (forward|back)$/.exec(head) ?? [];
  const parsed = parseLine(saga);
  if (direction === undefined || !isReadable(parsed) || !isSaga(parsed)) throw damaged(repo);
  const known = reverts.map(parseLine).filter(isReadable).filter(isRevert);
  if (known.length < reverts.length) throw damaged(repo);
  return {
    revision: Number(revision),
    direction: direction === 'back' ? 'back' : 'forward',
    record: parsed.record,
    reverts: known.map(({ record }) => record),
  };
}

/** Puts it on disk, and keeps its commits from being collected. */
export async function writeIntent(repo: Repository, intent: Intent, step: SagaStep): Promise<void> {
  const { revision, direction, record, reverts } = intent;
  const lines = [record, ...reverts].map((one) => encodeRecord(one).line);
  const text = `agent-log saga ${revision} ${direction}\n${lines.join('\n')}\n`;
  await writeFileAtomically(intentFile(repo), text, true);
  const refs = Object.entries(refsOf(record.saga, step)).flatMap(([ref, oid]) =>
    oid === null ? [] : [`update ${ref} ${oid}\n`],
  );
  await runGit(repo, { args: [...NO_HOOKS, 'update-ref', '--stdin'], stdin: refs.join('') });
}

/** It is over: nothing of it is kept but what the ledger says. */
export async function dropIntent(repo: Repository, { saga }: SagaRecord): Promise<void> {
  const prefix = `${REFS}${saga}/`;
  const { stdout } = await runGit(repo, { args: ['for-each-ref', '--format=delete %(refname)', prefix] });
  if (stdout.length > 0) await runGit(repo, { args: [...NO_HOOKS, 'update-ref', '--stdin'], stdin: stdout });
  await removeFile(intentFile(repo));
}

/** Where a remote's branch is fetched to while one is unfinished. */
export function seenRef(saga: string): string {
  return `${REFS}${saga}/seen`;
}

/** A lock beside it: one process at a time works on it. */
export function intentLock(repo: Repository): string {
  return join(agentLogDir(repo), 'saga.lock');
}

const REFS = 'refs/agent-log/saga/';

function refsOf(saga: string, { commit, compensation }: SagaStep): Record<string, string | null> {
  return { [`${REFS}${saga}/revert`]: commit, [`${REFS}${saga}/compensation`]: compensation };
}

function intentFile(repo: Repository): string {
  return join(agentLogDir(repo), 'saga');
}

function damaged(repo: Repository): AgentLogError {
  return new AgentLogError('BAD_RECORD', 'integrity', `${intentFile(repo)} can't be read`, {
    hints: ['Another repository of the list has the same file: copy it here, and try again.'],
  });
}
