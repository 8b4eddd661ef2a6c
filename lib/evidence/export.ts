import { AgentLogError } from '../core/errors.ts';
import { type ExecutionRecord, isExecution, isReadable, type StoredRecord } from '../core/record.ts';
import type { Regrouping } from '../core/regroup.ts';
import { addedLines } from '../git/added-lines.ts';
import { landedRecords } from '../ledger/landed.ts';
import { type Ledger, readNote } from '../ledger/ledger.ts';
import { readRegroups } from '../ledger/regroups.ts';
import { type Resolution, resolveCommit } from '../ledger/resolve.ts';
import { listNotes, scanLedger } from '../ledger/scan.ts';
import { agentTraceLine, type TracedCommit } from './exports/agent-trace.ts';
import { otelLine } from './exports/otel.ts';

export const EXPORT_FORMATS = ['agent-trace', 'otel'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportOptions {
  readonly format: ExportFormat;
  /** Commits whose records are wanted; null: all of the ledger. */
  readonly only: ReadonlySet<string> | null;
  /** Version of the program, which names itself in what it writes. */
  readonly version: string;
  /** Called for each record that could not be written, with the commit it is on. */
  readonly leftOut?: (commit: string) => void;
}

/**
 * Records in another format, line by line: the same bytes for the same ledger, in its order. Memory does not grow with
 * the number of records, but for a digest of each.
 */
export function exportRecords(ledger: Ledger, options: ExportOptions): AsyncGenerator<string> {
  return options.format === 'otel' ? exportSpans(ledger, options) : exportTraces(ledger, options);
}

/** The format of a name. Throws BAD_ARGUMENT for one there is none of. */
export function exportFormat(name: string): ExportFormat {
  const format = EXPORT_FORMATS.find((known) => known === name);
  if (format !== undefined) return format;
  const later = ['in-toto', 'oscal', 'csv'].includes(name);
  throw new AgentLogError(
    'BAD_ARGUMENT',
    'usage',
    later ? `export ${name} is not there yet` : `no export format is called '${name}'`,
    { hints: [`There are: ${EXPORT_FORMATS.join(', ')}.`] },
  );
}

/** An agent's work happened whatever became of its commit: every record once, with the commit the ledger binds it to. */
async function* exportSpans(ledger: Ledger, { only, version }: ExportOptions): AsyncGenerator<string> {
  const written = new Set<string>();
  const { txnOf } = await readRegroups(ledger);
  for await (const { stored, bound } of wantedRecords(ledger, only)) {
    if (written.has(stored.digest)) continue;
    written.add(stored.digest);
    const { txn, prev } = stored.record;
    const txns = { txn: txnOf(stored.digest, txn), prevTxn: txnOf(prev ?? stored.digest, txn) };
    yield otelLine({ stored, bound, version, ...txns });
  }
}

interface WantedRecord {
  readonly stored: StoredRecord<ExecutionRecord>;
  readonly bound: Parameters<typeof otelLine>[0]['bound'];
}

/** Of a range also what landed in it; of the whole ledger that is told where it was made. */
async function* wantedRecords(
  ledger: Ledger,
  only: ReadonlySet<string> | null,
): AsyncGenerator<WantedRecord> {
  for await (const { object, stored, binding } of scanLedger(ledger, only)) {
    const bound = binding === null ? null : { commit: object, grade: binding.grade, sealed: binding.sealed };
    yield { stored, bound };
  }
  if (only === null) return;
  for await (const { object, stored, grade, sealed } of landedRecords(ledger, only))
    yield { stored, bound: { commit: object, grade, sealed } };
}

const COMMITS_AT_ONCE = 200;
const READS_AT_ONCE = 16;

/** Lines of a commit are an agent's only when the record is shown to be that commit's, here and now. */
async function* exportTraces(ledger: Ledger, { only, leftOut }: ExportOptions): AsyncGenerator<string> {
  const regroups = await readRegroups(ledger);
  const noted = (await listNotes(ledger)).map(({ object }) => object);
  const objects = [...new Set(noted)].filter((object) => only === null || only.has(object)).sort();
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
