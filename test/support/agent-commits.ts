import type { ExecutionRecord } from '../../lib/core/generated/execution-v1.types.ts';
import type { StoredRecord } from '../../lib/core/records/record.ts';
import { newUlid } from '../../lib/core/ulid.ts';
import { patchId } from '../../lib/git/diffs/patch-id.ts';
import { readCommit } from '../../lib/git/objects/objects.ts';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import { appendToNotes } from '../../lib/ledger/notes/append.ts';
import { IDENTITY, NOW, storedBinding, storedExecution } from './records.ts';
import type { TestRepo } from './repo.ts';

/** A recorded commit, as capture leaves one. */
export interface AgentCommit {
  readonly oid: string;
  readonly record: StoredRecord<ExecutionRecord>;
  /** The trailers that seal it. */
  readonly seal: string;
}

export interface AgentCommitOptions {
  readonly message?: string;
  readonly fields?: Partial<ExecutionRecord>;
  /** The commit this one goes on from, in the same transaction. */
  readonly after?: AgentCommit;
  /** False: the record waits for nobody and is in no note. */
  readonly bind?: boolean;
}

/** Records are made one after the other. */
let made = 0;

/** Puts lines on an object's note. */
export async function putNote(ledger: Ledger, object: string, ...lines: string[]): Promise<void> {
  await appendToNotes(ledger, [{ object, lines: () => lines }], { identity: IDENTITY, message: 'test\n' });
}

/** Makes a commit of files as a recorded agent would: sealed before, bound after. Git's hooks have no part in it. */
export async function agentCommit(
  repo: TestRepo,
  ledger: Ledger,
  files: Readonly<Record<string, string>>,
  { message, fields = {}, after, bind = true }: AgentCommitOptions = {},
): Promise<AgentCommit> {
  const head = await readCommit(ledger.reader, 'HEAD');
  for (const [path, content] of Object.entries(files)) await repo.write(path, content);
  await repo.git('add', '-A');
  const record = storedExecution({
    id: newUlid(NOW + ++made),
    base: after?.record.record.base ?? {
      commit: head?.oid ?? null,
      tree: head?.tree ?? null,
      branch: 'main',
      dirty: false,
    },
    head: { commit: head?.oid ?? null, tree: head?.tree ?? null, parents: [...(head?.parents ?? [])] },
    tree: await repo.git('write-tree'),
    files: Object.keys(files).map((path) => ({ path, by: 'agent', change: 'modified', blob: null })),
    ...(after === undefined
      ? {}
      : { txn: after.record.record.txn, seq: after.record.record.seq + 1, prev: after.record.digest }),
    ...fields,
  });
  const seal = `Agent-Txn: ${record.record.txn}\nAgent-Record: ${record.digest}`;
  const subject = message ?? `Change ${Object.keys(files).join(', ')}`;
  await repo.git('commit', '-q', '--allow-empty', '-m', `${subject}\n\n${seal}`);
  const oid = await repo.git('rev-parse', 'HEAD');
  if (bind) await bindTo(ledger, record, oid);
  return { oid, record, seal };
}

/** Puts a record on a commit's note with the binding that capture would write. */
export async function bindTo(ledger: Ledger, record: AgentCommit['record'], oid: string): Promise<void> {
  const commit = await readCommit(ledger.reader, oid);
  const parents = [...(commit?.parents ?? [])];
  const binding = storedBinding(record, oid, {
    parents,
    patchId: parents.length > 1 ? null : await patchId(ledger.repo, parents[0] ?? null, oid),
  });
  await putNote(ledger, oid, record.line, binding.line);
}
