import { CSV_LINE_END } from '../core/csv.ts';
import { recordDigest } from '../core/digest.ts';
import { AgentLogError } from '../core/errors.ts';
import { type ExecutionRecord, isExecution, isReadable, type StoredRecord } from '../core/records/record.ts';
import type { Regrouping } from '../core/records/regroup.ts';
import { addedLines } from '../git/diffs/added-lines.ts';
import { readCommit } from '../git/objects/objects.ts';
import { commitsNaming } from '../ledger/binding/landed.ts';
import { type Resolution, resolveCommit } from '../ledger/binding/resolve.ts';
import { LEDGER_REF, type Ledger, ledgerTip, readNote } from '../ledger/ledger.ts';
import { listNotes, notesHolding, notesOn } from '../ledger/reading/scan.ts';
import { readRegroups } from '../ledger/told/regroups.ts';
import { envelopeLine, type Saying, sayingsOf } from './attest/lines.ts';
import { executionStatement } from './attest/work.ts';
import { agentTraceLine, type TracedCommit } from './exports/agent-trace.ts';
import { oscalResults } from './exports/oscal.ts';
import { otelLine } from './exports/otel.ts';
import { populationHeader, populationRow, type TxnSize, withRecord } from './exports/population.ts';
import { toldOfChanges } from './told.ts';
import { wantedRecords } from './wanted.ts';

export const EXPORT_FORMATS = ['agent-trace', 'otel', 'in-toto', 'oscal', 'csv'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportOptions {
  readonly format: ExportFormat;
  /** Commits whose records are wanted; null: all of the ledger. */
  readonly only: ReadonlySet<string> | null;
  /** Version of the program, which names itself in what it writes. */
  readonly version: string;
  /** When decisions and approvals are judged, in milliseconds since 1970. */
  readonly now: number;
  /** Called for each record that could not be written, with the commit it is on. */
  readonly leftOut?: (commit: string) => void;
}

/** What each line of a format ends with. */
export function lineEndOf(format: ExportFormat): string {
  return format === 'csv' ? CSV_LINE_END : '\n';
}

/**
 * Records in another format, line by line: the same bytes for the same ledger, in its order. Memory does not grow with
 * the number of records, but for a digest of each.
 */
export function exportRecords(ledger: Ledger, options: ExportOptions): AsyncGenerator<string> {
  return EXPORTS[options.format](ledger, options);
}

const EXPORTS: Readonly<
  Record<ExportFormat, (ledger: Ledger, options: ExportOptions) => AsyncGenerator<string>>
> = {
  'agent-trace': exportTraces,
  otel: exportSpans,
  'in-toto': exportStatements,
  oscal: exportOscal,
  csv: exportPopulation,
};

/** The format of a name. Throws BAD_ARGUMENT for one there is none of. */
export function exportFormat(name: string): ExportFormat {
  const format = EXPORT_FORMATS.find((known) => known === name);
  if (format !== undefined) return format;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', `no export format is called '${name}'`, {
    hints: [`There are: ${EXPORT_FORMATS.join(', ')}.`],
  });
}

/** An agent's work happened whatever became of its commit: every record once, with the commit the ledger binds it to. */
async function* exportSpans(ledger: Ledger, { only, version }: ExportOptions): AsyncGenerator<string> {
  const { txnOf } = await readRegroups(ledger);
  for await (const { stored, bound } of wantedRecords(ledger, only)) {
    const { txn, prev } = stored.record;
    const txns = { txn: txnOf(stored.digest, txn), prevTxn: txnOf(prev ?? stored.digest, txn) };
    yield otelLine({ stored, bound, version, ...txns });
  }
}

/** Unsigned: nobody is asked to vouch for what they did not look at. */
async function* exportStatements(ledger: Ledger, { only, now }: ExportOptions): AsyncGenerator<string> {
  const { txnOf } = await readRegroups(ledger);
  for await (const { stored, bound } of wantedRecords(ledger, only)) {
    const txn = txnOf(stored.digest, stored.record.txn);
    yield envelopeLine({ statement: executionStatement({ stored, txn, bound }), isOurs: true }, null);
  }
  for (const saying of sayingsOf({ ...(await toldOfChanges(ledger, only, now)), records: [] }))
    yield envelopeLine(saying, null);
  for await (const saying of afterwards(ledger, only)) yield envelopeLine(saying, null);
}

const AFTERWARDS = ['revert', 'reland', 'replay'].map((kind) => `"schema":"agent-log/${kind}/v1"`);

/** What was taken back, brought back and replayed: a line that stands on several notes is told once. */
async function* afterwards(ledger: Ledger, only: ReadonlySet<string> | null): AsyncGenerator<Saying> {
  const objects = (await notesHolding(ledger, AFTERWARDS)).filter((one) => only === null || only.has(one));
  const seen = new Set<string>();
  for await (const { lines } of notesOn(ledger, objects)) {
    const records = lines.filter(isReadable).filter(({ digest }) => !seen.has(digest));
    for (const { digest } of records) seen.add(digest);
    yield* sayingsOf({ decisions: [], approvals: [], records });
  }
}

async function* exportOscal(ledger: Ledger, { only, now, version }: ExportOptions): AsyncGenerator<string> {
  const tip = await readCommit(ledger.reader, LEDGER_REF);
  const { decisions } = await toldOfChanges(ledger, only, now);
  const range = only === null ? '' : ` ${recordDigest([...only].sort().join('\n')).slice(0, 23)}`;
  yield* oscalResults({
    name: `${tip?.oid ?? 'no ledger'}${range}`,
    at: Number(/> (\d+) /.exec(tip?.committer ?? '')?.[1] ?? 0),
    version,
    decisions,
    records: () => wantedRecords(ledger, only),
  });
}

/** Two readings: the first counts, so that every row says how many there are. */
async function* exportPopulation(ledger: Ledger, { only }: ExportOptions): AsyncGenerator<string> {
  const tip = await ledgerTip(ledger);
  const { txnOf } = await readRegroups(ledger);
  const txns = new Map<string, TxnSize>();
  let of = 0;
  for await (const { stored } of wantedRecords(ledger, only)) {
    of++;
    const txn = txnOf(stored.digest, stored.record.txn);
    txns.set(txn, withRecord(txns.get(txn), stored.record.seq));
  }
  yield populationHeader();
  let row = 0;
  for await (const one of wantedRecords(ledger, only)) {
    const txn = txnOf(one.stored.digest, one.stored.record.txn);
    yield populationRow(one, { row: ++row, txn, size: { of, tip, txns } });
  }
  if (row !== of || (await ledgerTip(ledger)) !== tip)
    throw new AgentLogError('LOCKED', 'system', 'the ledger grew while it was counted', {
      hints: ['Try again.'],
    });
}

const COMMITS_AT_ONCE = 200;
const READS_AT_ONCE = 16;

/** Lines of a commit are an agent's only when the record is shown to be that commit's, here and now. */
async function* exportTraces(ledger: Ledger, { only, leftOut }: ExportOptions): AsyncGenerator<string> {
  const regroups = await readRegroups(ledger);
  const noted = (await listNotes(ledger)).map(({ object }) => object);
  const named = only === null ? [] : await commitsNaming(ledger, only);
  const objects = [...new Set([...noted, ...named])].filter((one) => only?.has(one) !== false).sort();
  for (let at = 0; at < objects.length; at += COMMITS_AT_ONCE) {
    const traced: Omit<TracedCommit, 'files'>[] = [];
    for (const [object, found] of await resolveAll(
      ledger,
      objects.slice(at, at + COMMITS_AT_ONCE),
      regroups,
    )) {
      if (found !== null) traced.push(found);
      else if (await holdsExecution(ledger, object)) leftOut?.(object);
    }
    yield* withLines(ledger, traced);
  }
}

async function resolveAll(
  ledger: Ledger,
  objects: readonly string[],
  regroups: Regrouping,
): Promise<[string, Omit<TracedCommit, 'files'> | null][]> {
  const all: [string, Omit<TracedCommit, 'files'> | null][] = [];
  for (let at = 0; at < objects.length; at += READS_AT_ONCE) {
    const part = objects.slice(at, at + READS_AT_ONCE).map(async (object) => {
      const resolution = await resolveCommit(ledger, object);
      return [
        object,
        resolution === null ? null : tracedCommit(resolution, regroups),
      ] satisfies (typeof all)[number];
    });
    all.push(...(await Promise.all(part)));
  }
  return all;
}

/** Notes may hold records of other kinds, which nobody misses in an export of agents' work. */
async function holdsExecution(ledger: Ledger, object: string): Promise<boolean> {
  const note = await readNote(ledger, object);
  return note?.lines.some((line) => isReadable(line) && isExecution(line)) === true;
}

async function* withLines(
  ledger: Ledger,
  traced: readonly Omit<TracedCommit, 'files'>[],
): AsyncGenerator<string> {
  if (traced.length === 0) return;
  const wanted = traced[Symbol.iterator]();
  for await (const { commit, files } of addedLines(
    ledger.repo,
    traced.map((one) => one.commit),
  )) {
    const next = wanted.next();
    if (next.done === true || next.value.commit !== commit)
      throw new AgentLogError('GIT_FAILED', 'system', `git told of ${commit} out of turn`);
    yield agentTraceLine({ ...next.value, files });
  }
}

function tracedCommit(
  { commit, isGone, binding, sealed, record, alsoHere }: Resolution,
  regroups: Regrouping,
): Omit<TracedCommit, 'files'> | null {
  if (isGone || record === null || binding === 'claimed' || binding === 'none') return null;
  const squashed: readonly StoredRecord<ExecutionRecord>[] = binding === 'squashed' ? alsoHere : [];
  const txn = regroups.txnOf(record.digest, record.record.txn);
  return { commit: commit.oid, binding, sealed, record, txn, squashed };
}
