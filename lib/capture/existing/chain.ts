import type { BindingRecord } from '../../core/generated/binding-v1.types.ts';
import type { ChangedFile, ExecutionRecord } from '../../core/generated/execution-v1.types.ts';
import { encodeRecord, type StoredRecord } from '../../core/records/record.ts';
import { newUlids } from '../../core/ulid.ts';
import { fitRecord } from '../commit/fit.ts';
import type { CommitFacts } from './facts.ts';
import { keyOf, type Link } from './known.ts';
import type { ExistingOptions, ExistingWork } from './work.ts';

/** The two records of one commit. */
export interface RecordPair {
  readonly execution: StoredRecord<ExecutionRecord>;
  readonly binding: StoredRecord<BindingRecord>;
}

/** The records, each naming the one before it in its transaction. `facts` are oldest first, and so are the records. */
export function chainRecords(
  works: readonly ExistingWork[],
  facts: readonly CommitFacts[],
  last: ReadonlyMap<string, Link>,
  options: Pick<ExistingOptions, 'via' | 'now'> & { readonly tip: string | null },
): RecordPair[] {
  const byCommit = new Map<string, Map<string, ExistingWork>>();
  for (const work of works) {
    const group = byCommit.get(work.commit) ?? new Map<string, ExistingWork>();
    byCommit.set(work.commit, group.set(keyOf(work), work));
  }
  const links = new Map(last);
  const ids = newUlids(options.now, works.length * 2);
  let at = 0;
  return facts.flatMap((fact) => {
    const group = [...(byCommit.get(fact.commit.oid) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    return group.map(([, work]) => {
      const link = links.get(work.txn) ?? null;
      const record = executionOf(work, fact, link, { ...options, id: ids[at++] ?? '' });
      const execution = encodeRecord(fitRecord(record)) as StoredRecord<ExecutionRecord>;
      links.set(work.txn, { seq: record.seq, digest: execution.digest });
      return { execution, binding: bindingOf(execution, fact, { ...options, id: ids[at++] ?? '' }) };
    });
  });
}

function executionOf(
  work: ExistingWork,
  fact: CommitFacts,
  link: Link | null,
  options: { readonly now: number; readonly tip: string | null; readonly id: string },
): ExecutionRecord {
  const { details = {} } = work;
  return {
    schema: 'agent-log/execution/v1',
    id: options.id,
    txn: work.txn,
    seq: (link?.seq ?? 0) + 1,
    prev: link?.digest ?? null,
    recordedAt: new Date(options.now).toISOString(),
    agent: work.agent,
    model: work.model,
    sponsor: work.sponsor,
    task: work.task,
    base: { commit: null, tree: null, branch: null, dirty: null },
    head: fact.head,
    tree: fact.commit.tree,
    ledger: options.tip,
    prompts: details.prompts ?? [],
    context: details.context ?? [],
    toolCalls: details.toolCalls ?? [],
    reason: details.reason ?? null,
    usage: details.usage ?? null,
    // Of the machine the agent worked on nothing is known; the recorder's own would be taken for it.
    environment: { platform: 'unknown', arch: 'unknown', tools: {} },
    files: fact.files.map((file) => fileOf(work, file)),
    ...(fact.filesLeftOut > 0 ? { filesLeftOut: fact.filesLeftOut } : {}),
    redactions: details.redactions ?? [],
    capture: {
      by: work.assurance === 'asserted' ? 'adopted' : 'imported',
      gaps: [...work.gaps, ...fact.gaps],
      assurance: work.assurance,
      source: { ...work.source },
    },
  };
}

function fileOf({ by, lines }: ExistingWork, file: Omit<ChangedFile, 'by'>): ChangedFile {
  const counted = lines?.get(file.path);
  return {
    ...file,
    by: by?.get(file.path) ?? 'unseen',
    ...(counted === undefined ? {} : { lines: counted }),
  };
}

function bindingOf(
  execution: StoredRecord<ExecutionRecord>,
  fact: CommitFacts,
  options: { readonly via: string; readonly now: number; readonly id: string },
): StoredRecord<BindingRecord> {
  const binding: BindingRecord = {
    schema: 'agent-log/binding/v1',
    id: options.id,
    txn: execution.record.txn,
    record: execution.digest,
    commit: fact.commit.oid,
    parents: [...fact.commit.parents],
    tree: fact.commit.tree,
    patchId: fact.patchId,
    grade: 'exact',
    sealed: false,
    via: options.via,
    branch: null,
    boundAt: new Date(options.now).toISOString(),
  };
  return encodeRecord(binding) as StoredRecord<BindingRecord>;
}
