import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { AgentLogError } from '../core/errors.ts';
import type { BindingRecord } from '../core/generated/binding-v1.types.ts';
import type {
  Agent,
  CaptureSource,
  ChangedFile,
  ExecutionRecord,
  LineCounts,
  Model,
  Sponsor,
  Task,
} from '../core/generated/execution-v1.types.ts';
import { encodeRecord, isExecution, isReadable, parseLine, type StoredRecord } from '../core/record.ts';
import { newUlid, newUlids } from '../core/ulid.ts';
import { agentLogDir } from '../git/repository.ts';
import { appendToNotes, type NoteAppend } from '../ledger/append.ts';
import { landedRecords } from '../ledger/landed.ts';
import { type Ledger, ledgerTip } from '../ledger/ledger.ts';
import { withLock } from '../ledger/lock.ts';
import { scanLedger } from '../ledger/scan.ts';
import { type CommitFacts, factsOf } from './existing-facts.ts';
import { fitRecord } from './fit.ts';

/** An agent's work for a commit that was there already, as somebody or some tool's file tells it. */
export interface ExistingWork {
  /** Full id of the commit. */
  readonly commit: string;
  readonly txn: string;
  /** `asserted`: a person says so. `imported`: another tool's file says so. */
  readonly assurance: 'asserted' | 'imported';
  /** One record is written per commit and source, however often it is asked for. */
  readonly source: CaptureSource;
  readonly agent: Agent;
  readonly model: Model;
  readonly sponsor: Sponsor | null;
  readonly task: Task | null;
  /** Whose content each file is, where that was told. Everything else is `unseen`. */
  readonly by?: ReadonlyMap<string, ChangedFile['by']>;
  /** Lines of files, where the source counts them. */
  readonly lines?: ReadonlyMap<string, LineCounts>;
  readonly details?: Partial<
    Pick<ExecutionRecord, 'prompts' | 'context' | 'toolCalls' | 'reason' | 'usage' | 'redactions'>
  >;
  readonly gaps: readonly string[];
}

export interface ExistingOptions {
  readonly via: 'adopt' | 'import';
  /** Who signs the ledger's commit (see committerLine). */
  readonly identity: string;
  readonly now: number;
  /** Milliseconds the append may wait for other writers. */
  readonly patience?: number;
  /** Leave commits alone that have any record at all. */
  readonly skipRecorded?: boolean;
}

/** A record written for a commit. */
export interface Recorded {
  readonly commit: string;
  readonly txn: string;
  readonly record: string;
}

const ATTEMPTS = 5;
const PATIENCE_MS = 60_000;
const LATEST_TIME = 2 ** 48 - 1;

/**
 * The id of the transaction a source's unit of work is: the same wherever and whenever it is worked out, so that two
 * clones which adopt or import the same work agree. `startedAt` is when the work began, in milliseconds since 1970.
 */
export function txnOfSource(source: CaptureSource, startedAt: number): string {
  const hash = createHash('sha256').update(`agent-log:txn\0${source.format}\0${source.unit}`).digest();
  const time = Math.min(Math.max(Number.isFinite(startedAt) ? startedAt : 0, 0), LATEST_TIME);
  return newUlid(time, (size) => hash.subarray(0, size));
}

/**
 * Writes an execution and a binding record for each piece of work, all in one commit of the ledger. Idempotent: a
 * commit that has a record of the same source gets no second one. Gives what was written, oldest commit first. Throws
 * NOT_FOUND when a commit is not in this clone.
 */
export async function recordExisting(
  ledger: Ledger,
  works: readonly ExistingWork[],
  options: ExistingOptions,
): Promise<Recorded[]> {
  // Two at once would both go on where a transaction ends now, and its chain would fork.
  return withLock(
    join(agentLogDir(ledger.repo), 'existing.lock'),
    options.patience ?? PATIENCE_MS,
    () => recordAlone(ledger, works, options),
    () => Promise.reject(busy()),
  );
}

async function recordAlone(
  ledger: Ledger,
  works: readonly ExistingWork[],
  options: ExistingOptions,
): Promise<Recorded[]> {
  for (let attempt = 1; ; attempt++) {
    const known = await readKnown(ledger);
    const wanted = works.filter(
      (work) =>
        !known.sources.has(keyOf(work)) &&
        !(options.skipRecorded === true && known.recorded.has(work.commit)),
    );
    if (wanted.length === 0) return [];
    const facts = await factsOf(
      ledger,
      wanted.map(({ commit }) => commit),
    );
    const pairs = chainRecords(wanted, facts, known.last, { ...options, tip: await ledgerTip(ledger) });
    if (await append(ledger, pairs, options)) return pairs.map(recordedOf);
    if (attempt === ATTEMPTS) throw busy();
  }
}

function recordedOf({ execution, binding }: RecordPair): Recorded {
  return { commit: binding.record.commit, txn: binding.record.txn, record: execution.digest };
}

/** The two records of one commit. */
export interface RecordPair {
  readonly execution: StoredRecord<ExecutionRecord>;
  readonly binding: StoredRecord<BindingRecord>;
}

/** The last record of a transaction: what the next one follows. */
interface Link {
  readonly seq: number;
  readonly digest: string;
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

/** What the ledger has already: each commit's sources, and the last record of each transaction. */
interface Known {
  readonly recorded: ReadonlySet<string>;
  readonly sources: ReadonlySet<string>;
  readonly last: ReadonlyMap<string, Link>;
}

async function readKnown(ledger: Ledger): Promise<Known> {
  const recorded = new Set<string>();
  const sources = new Set<string>();
  const last = new Map<string, Link>();
  for await (const { object, stored } of scanLedger(ledger)) {
    const { capture, txn, seq } = stored.record;
    recorded.add(object);
    if (capture.source !== undefined) sources.add(keyOf({ commit: object, ...capture }));
    if (seq > (last.get(txn)?.seq ?? 0)) last.set(txn, { seq, digest: stored.digest });
  }
  for await (const { object } of landedRecords(ledger)) recorded.add(object);
  return { recorded, sources, last };
}

/**
 * False when somebody else recorded one of these commits since the ledger was read: then nothing is written, for the
 * chains would have holes.
 */
async function append(
  ledger: Ledger,
  pairs: readonly RecordPair[],
  options: ExistingOptions,
): Promise<boolean> {
  let overtaken = false;
  const appends = [...byObject(pairs)].map(([object, group]): NoteAppend => {
    return {
      object,
      lines: (present) => {
        const there = sourcesIn(present);
        overtaken ||= group.some(({ execution }) => there.has(sourceKey(execution.record)));
        if (overtaken) throw busy();
        return group.flatMap(({ execution, binding }) => [execution.line, binding.line]);
      },
    };
  });
  const { via, identity, patience } = options;
  const message = `agent-log: ${via} ${pairs.length} ${pairs.length === 1 ? 'record' : 'records'}\n\nVia: ${via}\n`;
  try {
    await appendToNotes(ledger, appends, {
      identity,
      message,
      ...(patience === undefined ? {} : { patience }),
    });
    return true;
  } catch (error) {
    if (overtaken) return false;
    throw error;
  }
}

function busy(): AgentLogError {
  return new AgentLogError('LOCKED', 'system', 'somebody else is adopting or importing at this moment', {
    hints: ['Try again when that is done.'],
  });
}

/** A commit's note is looked at once, however many records it gets. */
function byObject(pairs: readonly RecordPair[]): Map<string, RecordPair[]> {
  const groups = new Map<string, RecordPair[]>();
  for (const pair of pairs) {
    const { commit } = pair.binding.record;
    const group = groups.get(commit);
    if (group) group.push(pair);
    else groups.set(commit, [pair]);
  }
  return groups;
}

function sourcesIn(lines: readonly string[]): Set<string> {
  const parsed = lines.filter((line) => line.includes('"source"')).map(parseLine);
  const records = parsed.filter(isReadable).filter(isExecution);
  return new Set(records.flatMap(({ record }) => (record.capture.source ? [sourceKey(record)] : [])));
}

function sourceKey({ capture }: ExecutionRecord): string {
  return keyOf({ commit: '', ...capture });
}

/** What there is one record of. What a file says is firmer than what was asserted before, so it is a second one. */
function keyOf(about: {
  readonly commit: string;
  readonly assurance?: string;
  readonly source?: CaptureSource;
}): string {
  return `${about.commit} ${about.assurance ?? ''} ${about.source?.format ?? ''} ${about.source?.unit ?? ''}`;
}
