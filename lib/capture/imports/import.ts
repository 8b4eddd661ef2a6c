import { AgentLogError } from '../../core/errors.ts';
import type { Task } from '../../core/generated/execution-v1.types.ts';
import { inTopoOrder } from '../../git/history/topo-order.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { scanLedger } from '../../ledger/reading/scan.ts';
import { recordExisting } from '../existing/record.ts';
import { placeOf } from '../place.ts';
import { localPii } from '../session/local-pii.ts';
import { storeTexts } from '../session/texts.ts';
import { cleanReader, type Gathered, gather } from './gather.ts';
import { type ImportItem, newKnown, planImport } from './plan.ts';
import { entireReader } from './readers/entire.ts';
import { noteReader } from './readers/notes.ts';
import type { ImportProblem, ReaderContext, SourceReader } from './readers/reader.ts';
import { traceReader } from './readers/traces.ts';
import type { ImportFormat, UnreadField } from './source.ts';
import { type PreparedWork, prepareWork } from './work.ts';

export interface ImportOptions {
  readonly format: ImportFormat;
  /** A ref or file to read instead of where the tool keeps its records. */
  readonly source?: string | undefined;
  /** Say what would be written, and write nothing. */
  readonly dryRun?: boolean;
  /** Who signs the ledger's commit (see committerLine). */
  readonly identity: string;
  readonly now: number;
  readonly onProgress?: (text: string) => void;
}

/** What an import found and did. */
export interface ImportReport {
  readonly format: ImportFormat;
  readonly dryRun: boolean;
  /** Notes, checkpoints or traces looked at. */
  readonly sources: number;
  /** Those that name no agent's session. */
  readonly empty: number;
  readonly items: readonly ReportedItem[];
  readonly problems: readonly ImportProblem[];
  readonly unread: readonly UnreadField[];
}

export interface ReportedItem {
  readonly commit: string;
  readonly txn: string;
  readonly unit: string;
  readonly status: ImportItem['status'];
  readonly agent: string | null;
  readonly model: string | null;
  readonly author: string | null;
  /** Digest of the record written; null when none was. */
  readonly record: string | null;
}

/** Records made before they are written: their lines are held until then. */
const WRITTEN_AT_ONCE = 500;

/**
 * Writes a record for every session another tool recorded, on the commits it says they made. Idempotent: what was
 * imported before, here or in another clone, is left alone, and so is a commit whose agent was recorded at work.
 */
export async function importRecords(ledger: Ledger, options: ImportOptions): Promise<ImportReport> {
  const { format, dryRun = false, onProgress = () => undefined } = options;
  const reader = cleanReader(readerOf(format, { ledger, source: sourceOf(options) }));
  const gathered = await gather(ledger, reader, (done, all) =>
    onProgress(`reading ${format}: ${done} of ${all}`),
  );
  const { add, known } = newKnown();
  for await (const { object, stored } of scanLedger(ledger)) add(object, stored.record);
  const order = await inTopoOrder(
    ledger.repo,
    gathered.parts.map(({ place }) => place.commit),
  );
  const items = planImport(format, gathered.parts, gathered.commits, order, known);
  const wanted = dryRun ? [] : items.filter(({ status }) => status === 'new');
  const records = await writeItems(ledger, reader, gathered, wanted, new Map(known.tasks), options);
  return {
    format,
    dryRun,
    sources: gathered.sources,
    empty: gathered.empty,
    items: items.map((item) => reported(item, records.get(`${item.commit} ${item.txn}`) ?? null)),
    problems: gathered.problems,
    unread: gathered.unread,
  };
}

function readerOf(format: ImportFormat, context: ReaderContext): SourceReader {
  switch (format) {
    case 'git-ai':
    case 'gitvow':
    case 'whogitit':
      return noteReader(format, context);
    case 'entire':
      return entireReader(context);
    case 'agent-trace':
      return traceReader(context);
  }
}

function sourceOf({ format, source }: ImportOptions): string | null {
  if (source === undefined) return null;
  const isFile = format === 'agent-trace' && !source.startsWith('refs/');
  if (!isFile && !/^refs\/[^\s~^:?*[\\]+$/.test(source))
    throw new AgentLogError('BAD_ARGUMENT', 'usage', `${format} is not read from '${source}'`, {
      hints: ['Name a full ref, such as refs/notes/ai, or leave it out.'],
    });
  return source;
}

/** Digests of the records written, by commit and transaction. */
async function writeItems(
  ledger: Ledger,
  reader: SourceReader,
  { commits }: Gathered,
  items: readonly ImportItem[],
  tasks: Map<string, Task>,
  { format, identity, now, onProgress }: ImportOptions,
): Promise<Map<string, string>> {
  const written = new Map<string, string>();
  const pii = await localPii(ledger.repo);
  for (let at = 0; at < items.length; at += WRITTEN_AT_ONCE) {
    onProgress?.(`writing: ${at} of ${items.length}`);
    const prepared: PreparedWork[] = [];
    for (const item of items.slice(at, at + WRITTEN_AT_ONCE)) {
      const commit = commits.get(item.commit);
      if (commit === undefined) continue;
      const one = await prepareWork(format, reader, item, commit, tasks.get(item.txn) ?? null, pii);
      if (one.work.task !== null) tasks.set(item.txn, one.work.task);
      prepared.push(one);
    }
    // Texts first: one without its record is of no use to anybody, a record without its texts is.
    for (const { work, texts } of prepared) await storeTexts(placeOf(ledger.repo), `txn-${work.txn}`, texts);
    const works = prepared.map(({ work }) => work);
    const recorded = await recordExisting(ledger, works, { via: 'import', identity, now });
    for (const { commit, txn, record } of recorded) written.set(`${commit} ${txn}`, record);
  }
  return written;
}

function reported(item: ImportItem, record: string | null): ReportedItem {
  const { commit, txn, unit, status, session } = item;
  return {
    commit,
    txn,
    unit,
    status,
    agent: session.agent.name,
    model: session.model.name,
    author: session.author,
    record,
  };
}
